# node dist/cli.js run --config examples/12-several-commands/lastcall.config.json: see web.js beside this file.
# Watch: the worker in Python is told by the same shutdown, finishes its job, and ends by itself.
import signal
import time

stopping = False


def stop(signum, frame):
    global stopping
    stopping = True
    print("worker finishes its job")


signal.signal(signal.SIGTERM, stop)
print("worker waits for jobs")
while not stopping:
    time.sleep(0.2)
print("worker is done")
