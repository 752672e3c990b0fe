"""A server that needs half a second to clean up, in its SIGTERM handler. Notes what happens, and when, in $EVENTS."""

import http.server
import os
import signal
import sys
import time

events = os.open(os.environ.get("EVENTS", "/dev/stderr"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def note(what):
    # CLOCK_MONOTONIC is the same for all processes of a machine, so the demo can draw them on one scale.
    os.write(events, f"{time.monotonic_ns()} server {what}\n".encode())


def on_sigterm(signum, frame):
    note("saw SIGTERM")
    time.sleep(0.5)  # requests end, a buffer is written, a lock is given back
    note("cleaned up")
    sys.exit(0)


class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello\n")


signal.signal(signal.SIGTERM, on_sigterm)
server = http.server.HTTPServer(("127.0.0.1", 0), Hello)
note("ready")
server.serve_forever()
