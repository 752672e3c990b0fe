import type { Tree } from '../tree.ts'
import { POSIX_SHELLS, script } from './script.ts'

const both = ['a ready', 'b ready']
const daemonLast = 'server; the daemon when the rest has gone'

/** Jobs, side by side or left to themselves. */
export const background: Tree[] = [
  ...POSIX_SHELLS.map(
    (shell): Tree => ({
      name: `${shell}: a & b & wait`,
      told: 'both servers',
      ...script(shell, 'node server.js a &\nnode server.js b &\nwait\n'),
      ready: both,
      expect: { code: 0, cleaned: ['a', 'b'], ms: 545 },
    }),
  ),
  {
    name: 'bash: a & b',
    told: 'both servers',
    ...script('bash', 'node server.js a &\nnode server.js b 500 7\n'),
    ready: both,
    expect: { code: 7, cleaned: ['a', 'b'], ms: 545 },
  },
  {
    name: 'bash: a & exec b',
    told: 'b, which then ends; a, left without a parent',
    ...script('bash', 'node server.js a &\nexec node server.js b 500 7\n'),
    ready: both,
    expect: { code: 7, cleaned: ['a', 'b'], ms: 1100 },
  },
  {
    name: 'bash: nohup a & wait',
    told: 'server',
    ...script('bash', 'nohup node server.js a 500 7 >log 2>&1 &\nwait $!\n'),
    expect: { code: 7, kept: { log: 'a: last line' }, ms: 545 },
  },
  {
    name: 'bash, set -m: a & b & wait',
    told: 'both servers, each in a group of its own',
    ...script('bash', 'set -m\nnode server.js a &\nnode server.js b &\nwait\n'),
    ready: both,
    expect: { code: 0, cleaned: ['a', 'b'], ms: 545 },
  },
  {
    name: 'bash: setsid b & a',
    told: 'both servers: b has left the session, not its parent',
    ...script('bash', 'setsid node server.js b &\nnode server.js a 500 7\nexit $?\n'),
    ready: both,
    expect: { code: 7, cleaned: ['a', 'b'], ms: 545 },
  },
  {
    name: 'bash: setsid --fork b; a',
    told: daemonLast,
    ...script('bash', 'setsid --fork node server.js b\nnode server.js a 500 7\nexit $?\n'),
    ready: both,
    expect: { code: 7, cleaned: ['a', 'b'], order: ['a cleaned', 'b told'], ms: 1100 },
  },
  {
    name: 'bash: a daemon that forks twice; a',
    told: daemonLast,
    ...script('bash', 'python3 daemon.py b\nnode server.js a 500 7\nexit $?\n'),
    ready: both,
    expect: { code: 7, cleaned: ['a', 'b'], order: ['a cleaned', 'b told'], ms: 1100 },
  },
  {
    name: 'bash: (b &) ; a',
    told: daemonLast,
    ...script('bash', '(node server.js b &)\nnode server.js a 500 7\nexit $?\n'),
    ready: both,
    expect: { code: 7, cleaned: ['a', 'b'], order: ['a cleaned', 'b told'], ms: 1100 },
  },
  {
    name: 'bash: a & disown; sleep infinity',
    told: 'server; bash and its sleep when it has ended',
    ...script('bash', 'node server.js a &\ndisown\nsleep infinity\n'),
    expect: { code: 143, ms: 850 },
  },
]
