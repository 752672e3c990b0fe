import type { Tree } from '../tree.ts'
import { script } from './script.ts'

const only = 'server; the wrapper only starts it'
const seven = ['node', 'server.js', 'a', '500', '7']

/** A program that starts another one: some become it, some stay and wait, some pass signals on by themselves. */
export const wrappers: Tree[] = [
  ...[
    ['env', 'FOO=1'],
    ['nice', '-n', '5'],
    ['ionice', '-c', '3'],
    ['stdbuf', '-oL'],
    ['nohup'],
    ['setsid', '--wait'],
    ['chrt', '--batch', '0'],
    ['setpriv', '--no-new-privs'],
    ['timeout', '60'],
    ['timeout', '--foreground', '60'],
    ['busybox', 'timeout', '60'],
    ['flock', 'lock'],
    ['xargs', '-a', 'words', '-L', '3'],
  ].map(
    (wrapper): Tree => ({
      name: `bash → ${wrapper.join(' ')} → server`,
      told: only,
      ...script('bash', `${wrapper.join(' ')} node server.js a 500 7\nexit $?\n`),
      files: {
        'start.sh': `${[...wrapper, ...(wrapper[0] === 'xargs' ? ['node', 'server.js'] : seven)].join(' ')}\nexit $?\n`,
        words: 'a 500 7\n',
      },
      needs: [wrapper[0] as string],
      // xargs: "123 if any invocation of the command exited with status 1-125".
      expect: { code: wrapper[0] === 'xargs' ? 123 : 7, ms: 535 },
    }),
  ),
  {
    name: 'env -i → server',
    told: 'server: it lost its environment, not its parent',
    ...script('bash', 'env -i PATH="$PATH" node server.js a 500 7\nexit $?\n'),
    expect: { code: 7, ms: 529 },
  },
  {
    name: 'make → server',
    told: 'make, which tells the server, waits, and ends by the signal',
    command: ['make', '--silent', 'start'],
    files: { Makefile: 'start:\n\t@echo starting\n\t@node server.js a\n' },
    needs: ['make'],
    expect: { code: 143, ms: 540 },
  },
  {
    name: 'make -j2 → a, b',
    told: 'make, which tells both servers, waits, and ends by the signal',
    command: ['make', '--silent', '-j2', 'all'],
    files: { Makefile: 'all: a b\na b:\n\t@node server.js $@\n' },
    needs: ['make'],
    ready: ['a ready', 'b ready'],
    expect: { code: 143, cleaned: ['a', 'b'], ms: 545 },
  },
  {
    name: 'perl, system() → server',
    told: 'server; perl does not handle it',
    command: ['perl', '-e', 'exit(system("node", "server.js", "a", "500", "7") >> 8)'],
    needs: ['perl'],
    expect: { code: 7, ms: 529 },
  },
  {
    name: 'GNU parallel → a, b',
    told: 'both servers; parallel only starts them',
    command: ['parallel', '--will-cite', '-j2', 'node server.js {}', ':::', 'a', 'b'],
    needs: ['parallel'],
    ready: ['a ready', 'b ready'],
    expect: { code: 0, cleaned: ['a', 'b'], ms: 600 },
  },
  {
    name: 'script -c → server on a terminal of its own',
    told: 'script, which tells the server and ends 2 s later',
    command: ['script', '-qefc', 'node server.js a 500 7', 'typescript'],
    needs: ['script'],
    expect: { code: 0, ms: 2005 },
  },
]
