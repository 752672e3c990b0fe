import type { Tree } from '../tree.ts'
import { script } from './script.ts'

const readerLast = 'server; the reader ends at end of file'
const lastLine = 'a: last line'

/** Somebody reads what the server says: its last lines must arrive. */
export const pipelines: Tree[] = [
  ...['bash', 'dash', 'ash', 'zsh'].map(
    (shell): Tree => ({
      name: `${shell}: server | tee log`,
      told: readerLast,
      ...script(shell, 'node server.js a | tee log\n'),
      expect: { code: 0, kept: { log: lastLine }, ms: 527 },
    }),
  ),
  {
    name: 'bash, pipefail: server | node reader',
    told: readerLast,
    ...script('bash', 'set -o pipefail\nnode server.js a 500 7 | node reader.js log\n'),
    ready: ['a ready', 'reader ready'],
    expect: { code: 7, kept: { log: lastLine }, never: ['reader told'], order: ['a cleaned', 'reader ended'], ms: 560 },
  },
  {
    name: 'server | sed | tee log',
    told: readerLast,
    ...script('bash', "node server.js a | sed -u 's/^/app: /' | tee log\n"),
    expect: { code: 0, kept: { log: `app: ${lastLine}` }, ms: 527 },
  },
  {
    name: 'server > >(tee log)',
    told: readerLast,
    ...script('bash', 'node server.js a 500 7 > >(tee log)\nexit $?\n'),
    expect: { code: 7, kept: { log: lastLine }, ms: 527 },
  },
  {
    name: 'exec > >(tee log); server',
    told: readerLast,
    ...script('bash', 'exec > >(tee log) 2>&1\nnode server.js a 500 7\nexit $?\n'),
    expect: { code: 7, kept: { log: lastLine }, ms: 527 },
  },
  {
    name: 'server | tee >(cat >copy) | cat',
    told: readerLast,
    ...script('bash', 'node server.js a | tee >(cat >copy) | cat >log\n'),
    expect: { code: 0, kept: { log: lastLine, copy: lastLine }, ms: 527 },
  },
  {
    name: 'server | while read',
    told: readerLast,
    ...script('bash', 'node server.js a | while read -r line; do\n  echo "read: $line" >>log\ndone\n'),
    expect: { code: 0, kept: { log: `read: ${lastLine}` }, ms: 527 },
  },
  {
    name: 'while read … done < <(server)',
    told: readerLast,
    ...script('bash', 'while read -r line; do\n  echo "read: $line" >>log\ndone < <(node server.js a)\n'),
    expect: { code: 0, kept: { log: `read: ${lastLine}` }, ms: 527 },
  },
  {
    name: 'coproc server; while read',
    told: readerLast,
    ...script(
      'bash',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: bash's
      'coproc app { node server.js a; }\nwhile read -r line <&"${app[0]}"; do\n  echo "read: $line" >>log\ndone\nexit 0\n',
    ),
    expect: { code: 0, kept: { log: `read: ${lastLine}` }, ms: 527 },
  },
  {
    name: 'mkfifo log; cat <log & server >log',
    told: 'server; cat ends at end of file',
    ...script('dash', 'mkfifo fifo\ncat <fifo >log &\nnode server.js a 500 7 >fifo\ncode=$?\nwait\nexit $code\n'),
    expect: { code: 7, kept: { log: lastLine }, ms: 527 },
  },
  {
    name: 'tail -f | server',
    told: 'tail, at once; the server when nothing writes to it any more',
    ...script('bash', 'touch jobs\ntail -f jobs | node server.js a 500 7\nexit $?\n'),
    expect: { code: 7, ms: 545 },
  },
  {
    name: 'a | b, both servers',
    told: 'a; b when a has ended',
    ...script('bash', 'node server.js a | node server.js b 500 7\nexit $?\n'),
    ready: ['a ready', 'b ready'],
    expect: { code: 7, cleaned: ['a', 'b'], order: ['a cleaned', 'b told'], ms: 1100 },
  },
]
