# sh work.sh NAME: 0.6 s of work that handles no signal
sleep 0.6
echo "$1 done pid $$" >>events.log
