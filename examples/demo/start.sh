#!/bin/sh
# What so many images run as PID 1: some initialisation, then the service, in the foreground.
# A shell does not handle SIGTERM, and as PID 1 the kernel drops it: the server below never hears of it.
# Watch: `npm run demo` stops this script as a kubelet does, bare and under `lastcall run`.
set -u
here=$(dirname "$0")
export SERVICE_NAME="${SERVICE_NAME:-demo}"
umask 027

echo "start.sh: initialised, starting the server"
if python3 -c 'import http.server' 2>/dev/null; then
  python3 "$here/server.py"
else
  "${NODE:-node}" "$here/server.js"
fi
code=$?

echo "start.sh: the server ended with code $code"
exit $code
