#!/bin/sh
# node dist/cli.js run --grace 5 -- sh examples/10-run-a-start-script.sh, then Ctrl-C, or kill -TERM on the pid it prints.
# Watch: the shell has no handler, so the signal goes to the program that has one; the program cleans up, and its exit
# code is the script's. Without `lastcall run`, SIGTERM ends in the shell.
echo "the script initialises something"
node -e "
  process.on('SIGTERM', () => {
    console.log('the program was told, and cleans up')
    setTimeout(() => process.exit(7), 300)
  })
  setInterval(() => {}, 1000)
  console.log('ready')
"
code=$?
echo "the script goes on after its program, and ends with code $code"
exit $code
