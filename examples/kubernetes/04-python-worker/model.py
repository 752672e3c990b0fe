# See README.md beside this file: a number in, its square out, one a line.
import signal
import sys
import time


def stop(signum, frame):
    time.sleep(0.2)
    print("the model is unloaded")
    sys.exit(0)


signal.signal(signal.SIGTERM, stop)
print("model loaded")
for line in sys.stdin:
    time.sleep(0.3)
    print(int(line) ** 2)
