# python3 daemon.py NAME [CLEANUP_MS]: forks twice, as daemons do, and becomes server.py in a session of its own
import os
import sys

if os.fork():
    sys.exit(0)
os.setsid()
if os.fork():
    os._exit(0)
os.execvp("python3", ["python3", "server.py", *sys.argv[1:]])
