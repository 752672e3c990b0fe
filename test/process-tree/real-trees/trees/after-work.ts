import type { Tree } from '../tree.ts'
import { OTHER_SHELLS, POSIX_SHELLS, script } from './script.ts'

/** What a script does when its server has ended: finish, or start it again. */
export const afterWork: Tree[] = [
  ...[...POSIX_SHELLS, ...OTHER_SHELLS].map(
    (shell): Tree => ({
      name: `${shell}: a; then 0.6 s of after-work`,
      told: 'a',
      ...script(shell, 'node server.js a\nsh work.sh upload\n'),
      expect: { code: 0, order: ['a cleaned', 'upload done'], ms: 1187 },
    }),
  ),
  {
    name: 'sh: a && after-work',
    told: 'a',
    ...script('sh', 'node server.js a && sh work.sh upload\n'),
    expect: { code: 0, order: ['a cleaned', 'upload done'], ms: 1187 },
  },
  {
    name: 'bash: a || exit; after-work in two steps',
    told: 'a',
    ...script(
      'bash',
      'node server.js a || exit 9\nsleep 0.2\ntar cf logs.tar events.log\nsleep 0.2\necho "both done" >>events.log\n',
    ),
    expect: { code: 0, order: ['a cleaned', 'both done'], ms: 1000 },
  },
  ...POSIX_SHELLS.map(
    (shell): Tree => ({
      name: `${shell}: until server; do sleep 1; done`,
      told: 'server; at the restart the shell, then the new server',
      ...script(shell, 'until node server.js a 500 7; do sleep 1; done\n'),
      expect: { code: 143, ms: 2126 },
    }),
  ),
  {
    name: 'bash: while :; do server; done',
    told: 'server; at the restart bash, then the new server',
    ...script('bash', 'while :; do\n  node server.js a\ndone\n'),
    expect: { code: 143, ms: 1150 },
  },
  {
    name: 'bash: while server restarts with sleep 0.2 between',
    told: 'server; at the restart bash, then the new server',
    ...script('bash', 'while true; do\n  node server.js a 500 7\n  echo "ended, again"\n  sleep 0.2\ndone\n'),
    expect: { code: 143, ms: 1350 },
  },
  {
    name: 'bash: a; b, both servers',
    told: 'a; b when the time for after-work is over',
    ...script('bash', 'node server.js a\nnode server.js b\n'),
    expect: { code: 0, cleaned: ['a', 'b'], order: ['a cleaned', 'b told'], ms: 2300 },
  },
]
