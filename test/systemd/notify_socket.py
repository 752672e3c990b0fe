# Stands in for the service manager: a datagram socket at argv[1], and each message on a line of its own, as JSON.
import json, socket, sys

place = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
place.bind(sys.argv[1])
print('ready', flush=True)
while True:
    text = place.recv(4096).decode()
    # BARRIER=1 only asks whether we have read what came before; the descriptor that comes with it is closed here.
    if not text.startswith('BARRIER'):
        print(json.dumps(text.strip().split('\n')), flush=True)
