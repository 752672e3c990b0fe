# python3 server.py NAME [CLEANUP_MS] [CODE]: as server.js
import os
import signal
import sys
import time

name, cleanup_ms, code = (sys.argv[1:] + ["500", "0"][len(sys.argv) - 2 :])[:3]
stopping = False


def record(event):
    log = os.open("events.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.write(log, f"{name} {event} pid {os.getpid()}\n".encode())
    os.close(log)


def told(number, frame):
    global stopping
    record(f"told {signal.Signals(number).name}")
    stopping = True


for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGUSR2):
    signal.signal(number, told)
record("ready")
print(f"{name}: ready", flush=True)
while not stopping:
    time.sleep(0.05)
end = time.monotonic() + int(cleanup_ms) / 1000
while time.monotonic() < end:
    time.sleep(0.05)
record("cleaned")
print(f"{name}: last line", flush=True)
sys.exit(int(code))
