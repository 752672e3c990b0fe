# sh server.sh NAME [CLEANUP_SECONDS] [CODE]: as server.js; `sleep` in the background, so that a trap runs at once
name=$1 cleanup=${2:-0.5} code=${3:-0} stopping=
record() { echo "$name $1 pid $$" >>events.log; }
for signal in TERM INT QUIT HUP USR2; do
  trap "stopping=1; record 'told SIG$signal'" $signal
done
record ready
echo "$name: ready"
while [ -z "$stopping" ]; do
  sleep 1 &
  wait $!
done
sleep "$cleanup"
record cleaned
echo "$name: last line"
exit "$code"
