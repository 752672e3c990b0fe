/**
 * Programs that make a tree of a known shape; each says `ready` once it stands and ends by itself after seconds, whatever
 * becomes of the test. Perl, since Debian always has it and it forks without exec, as fast as C.
 */
const perl = (code: string, ...args: (string | number)[]): string[] => [
  'perl',
  '-MPOSIX=setsid',
  '-e',
  `$|=1; ${code}`,
  ...args.map(String),
]

/** All at once below the root. */
export const fan = (n: number): string[] =>
  perl('for (1..$ARGV[0]) { if (!fork) { sleep 60; exit } } print "ready\\n"; sleep 60', n)

/** Each the parent of the next, and exec'd: 500 forks below each other without an exec share pages that the kernel frees slowly. */
export const chain = (n: number): string[] => {
  const script = 'if [ $1 -gt 0 ]; then sh -c "$0" "$0" $(($1-1)); else echo ready; exec sleep 60; fi; :'
  return ['sh', '-c', script, script, String(n)]
}

/** A shell in the middle of starting processes. */
export const forkRace = (n: number): string[] => [
  ...['sh', '-c', 'echo ready; i=0; while [ $i -lt $0 ]; do sleep 15 & i=$((i+1)); done; wait', String(n)],
]

/** Forks and exits every half millisecond: the pid that was read a moment ago has gone. */
const hopping = (first: string, each: string): string[] =>
  perl(
    `$end = time + 15; if (!fork) { ${first} print "ready\n";
     while (time < $end) { exit if fork; ${each} select(undef, undef, undef, 0.0005) } exit }
     sleep 15`,
  )

export const hopper = hopping('', '')
export const hopperInOwnSession = hopping('setsid;', '')
/** Nothing about it stays the same for longer than a hop, but its mark. */
export const hopperInNewSessions = hopping('', 'setsid;')

/** As fast as a shell forks, in a session of its own: who reads its pid comes too late, only its group can be hit. */
export const hopperAtFullSpeed = (() => {
  // dash allows a function to call itself 1,000 times: then a new shell goes on, eight times.
  const next = '[ $2 -gt 0 ] && exec sh -c "$0" "$0" $(($2-1))'
  const script = `hop() { if [ $1 -eq 0 ]; then ${next}; exit; fi; hop $(($1-1)) $2 & exit; }; hop 900 $1`
  return perl('if (!fork) { setsid; exec "sh", "-c", $ARGV[0], $ARGV[0], 8 } print "ready\\n"; sleep 15', script)
})()

/** Its root says so, once what was between them has gone and is no zombie any more. */
const orphan = (own: string): string[] =>
  perl(`if (!fork) { ${own} if (!fork) { sleep 60; exit } exit } wait; print "ready\n"; sleep 60`)

/** An orphan in the same group. */
export const doubleFork = orphan('')
/** An orphan in a session of its own: a daemon. */
export const daemon = orphan('setsid;')
/** The same, and the root has gone. */
export const daemonAlone = perl('if (!fork) { setsid; print "ready\\n"; sleep 60; exit } exit')

/** A child that was started with an empty environment. */
export const clearedEnvironment = perl(
  'if (!fork) { %ENV = (); exec "/bin/sh", "-c", "echo ready; sleep 60; :" } sleep 60',
)
/** The same in a session of its own, orphaned when its parent, the first pid that is said, is ended. */
export const clearedAndDetached = perl(
  'if (!fork) { if (!fork) { setsid; %ENV = (); exec "/bin/sh", "-c", "echo ready; sleep 60; :" } print "$$\\n"; sleep 60; exit } sleep 60',
)

/** Children that have ended and that nobody waits for. */
export const zombies = (n: number): string[] =>
  perl('for (1..$ARGV[0]) { exit if !fork } print "ready\\n"; sleep 60', n)
