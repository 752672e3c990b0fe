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

/** Each the parent of the next. */
export const chain = (n: number): string[] =>
  perl('for (1..$ARGV[0]) { if (fork) { wait; exit } } print "ready\\n"; sleep 60', n)

/** A shell in the middle of starting processes. */
export const forkRace = (n: number): string[] => [
  ...['sh', '-c', 'echo ready; i=0; while [ $i -lt $0 ]; do sleep 8 & i=$((i+1)); done; wait', String(n)],
]

/** Forks and exits every half millisecond: the pid that was read a moment ago has gone. */
const hopping = (first: string, each: string): string[] =>
  perl(
    `$end = time + 8; if (!fork) { ${first} print "ready\n";
     while (time < $end) { exit if fork; ${each} select(undef, undef, undef, 0.0005) } exit }
     sleep 8`,
  )

export const hopper = hopping('', '')
export const hopperInOwnSession = hopping('setsid;', '')
/** Nothing about it stays the same for longer than a hop, but its mark. */
export const hopperInNewSessions = hopping('', 'setsid;')

/** An orphan in the same group. */
export const doubleFork = perl('if (!fork) { if (!fork) { print "ready\\n"; sleep 60 } exit } wait; sleep 60')
/** An orphan in a session of its own: a daemon. */
export const daemon = perl('if (!fork) { setsid; if (!fork) { print "ready\\n"; sleep 60 } exit } wait; sleep 60')
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
