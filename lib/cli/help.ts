export const HELP = `Usage: lastcall COMMAND [options]

Stops processes well: the stop signal reaches whoever handles it, everybody gets
the time to clean up, and nobody is left behind.

  lastcall run -- COMMAND ARGS…   run a program, also as PID 1 of a container
  lastcall run NAME=COMMAND…      run several, or those of lastcall.config.json
  lastcall tree PID               draw a process tree: who handles SIGTERM?
  lastcall kill PID               stop a process tree, to the last one

  lastcall COMMAND --help         the options of a command
  lastcall --version
`

export const RUN_HELP = `Usage: lastcall run [options] -- COMMAND ARGS…
       lastcall run [options] [NAME=COMMAND…]   or lastcall.config.{json,js,ts}

Runs a program in any language, or several. The stop signal goes to whoever in
the process tree handles it; run waits for everybody, kills what is left at the
deadline, and ends with the program's own exit code.

  --grace SECONDS     from the stop signal to SIGKILL, as the pod's; by default
                      TERMINATION_GRACE_PERIOD_SECONDS, the platform's, or 30
  --stop-signal NAME  tell COMMAND this one when SIGTERM comes: QUIT for nginx
  --pre-stop LINE     first run this in /bin/sh; "sleep 5" and a URL need none
  --step-over NAME    a launcher that swallows the signal: tell its children
  --pass NAME         hand this signal on, and do not stop: HUP, to reload
  --report FILE       write how it ended, as JSON
  --json              print the same on stderr, in one line
  --config FILE       the file of several commands, where it is another one
  --init NAME         as PID 1: tini, catatonit, dumb-init, sh or none above run
  --restart WHEN      of NAME=COMMAND: never, on-failure (by default) or always

--step-over and --pass may be repeated. A second Ctrl-C kills at once.
Exit code: the program's own, 128 + n by a signal (137: killed); 127 no such
command, 126 not executable, 2 wrong options.
`

export const TREE_HELP = `Usage: lastcall tree PID [--json]

Draws a process and everything that it started, with the state of each and what
it does with SIGTERM: handles it, ignores it, blocks it, or is ended by it.
What left the tree stands apart; lastcall finds it by the mark it has set.

  --json   print the list as JSON

Exit codes: 0 drawn, 2 wrong options or no such process.
`

export const KILL_HELP = `Usage: lastcall kill PID [options]

Stops a process and everything that it started, to the last one: the signal goes
to whoever handles it, SIGKILL to who is left when the grace is over.

  --signal NAME    TERM by default; KILL ends the tree at once
  --grace SECONDS  from the signal to SIGKILL, 10 by default
  --json           print the outcome as JSON

Exit codes: 0 nobody is left, 1 somebody is, 2 wrong options or no such process.
`
