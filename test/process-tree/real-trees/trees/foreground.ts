import type { Tree } from '../tree.ts'
import { OTHER_SHELLS, POSIX_SHELLS, script } from './script.ts'

const server = 'server; the shell does not handle it'

/** A server in the foreground of a shell, the commonest pod of all. */
export const foreground: Tree[] = [
  ...[...POSIX_SHELLS, ...OTHER_SHELLS].flatMap((shell): Tree[] => [
    {
      name: `${shell} → server (node)`,
      told: server,
      ...script(shell, 'echo starting\nnode server.js a 500 7\n'),
      expect: { code: 7, ms: 529 },
    },
  ]),
  ...POSIX_SHELLS.map(
    (shell): Tree => ({
      name: `${shell} → server (python)`,
      told: server,
      ...script(shell, 'echo starting\npython3 server.py a 500 7\n'),
      expect: { code: 7, ms: 529 },
    }),
  ),
  {
    name: 'bash → server (sh with traps)',
    told: 'server and its sleep; bash does not handle it',
    ...script('bash', 'echo starting\nsh server.sh a 0.5 7\n'),
    expect: { code: 7, ms: 560 },
  },
  {
    name: "sh -c 'server; true'",
    told: server,
    command: ['sh', '-c', 'node server.js a 500 7; true'],
    expect: { code: 0, ms: 529 },
  },
  {
    name: 'bash → dash → ash → server',
    told: 'server; no shell handles it',
    command: ['bash', '-c', "dash -c 'busybox ash start.sh; exit $?'; exit $?"],
    files: { 'start.sh': 'node server.js a 500 7\nexit $?\n' },
    needs: ['busybox'],
    expect: { code: 7, ms: 529 },
  },
  {
    name: 'entrypoint.sh: exec "$@"',
    told: 'server: it is the command',
    command: ['./entrypoint.sh', 'node', 'server.js', 'a', '500', '7'],
    files: { 'entrypoint.sh': '#!/bin/sh\nset -e\necho starting\nexec "$@"\n' },
    expect: { code: 7, ms: 529 },
  },
  {
    name: 'entrypoint.sh: "$@"; status=$?',
    told: server,
    command: ['./entrypoint.sh', 'node', 'server.js', 'a', '500', '7'],
    files: { 'entrypoint.sh': '#!/bin/bash\n"$@"\nstatus=$?\necho "ended with $status" >>events.log\nexit $status\n' },
    expect: { code: 7, order: ['a cleaned', 'ended with 7'], ms: 529 },
  },
  {
    name: 'server as the command itself',
    told: 'server',
    command: ['node', 'server.js', 'a', '500', '7'],
    expect: { code: 7, ms: 529 },
  },
  {
    name: 'bash, set -m; server',
    told: server,
    ...script('bash', 'set -m\nnode server.js a 500 7\nexit $?\n'),
    expect: { code: 7, ms: 529 },
  },
  {
    name: 'bash, set -euo pipefail; server',
    told: server,
    ...script('bash', 'set -euo pipefail\nnode server.js a 500 7\necho never >>events.log\n'),
    expect: { code: 7, never: ['never'], ms: 529 },
  },
  {
    name: 'bash: ( cd .; server )',
    told: 'server; neither shell handles it',
    ...script('bash', '(\n  cd .\n  node server.js a 500 7\n  exit $?\n)\nexit $?\n'),
    expect: { code: 7, ms: 529 },
  },
  {
    name: 'bash: a function around the server',
    told: server,
    ...script(
      'bash',
      'start() {\n  local code=0\n  "$@" || code=$?\n  return $code\n}\nstart node server.js a 500 7\nexit $?\n',
    ),
    expect: { code: 7, ms: 529 },
  },
  {
    name: 'bash: server <<< here-string',
    told: server,
    ...script('bash', 'node server.js a 500 7 <<<"some input"\nexit $?\n'),
    expect: { code: 7, ms: 529 },
  },
  {
    name: 'bash: x=$(server)',
    told: server,
    ...script('bash', 'said=$(node server.js a 500 7)\ncode=$?\necho "$said" >said.txt\nexit $code\n'),
    expect: { code: 7, kept: { 'said.txt': 'a: last line' }, ms: 529 },
  },
  {
    name: 'bash: eval "$START"',
    told: server,
    ...script('bash', 'START="node server.js a 500 7"\neval "$START"\nexit $?\n'),
    expect: { code: 7, ms: 529 },
  },
  {
    name: "bash: trap '' TERM; server",
    told: 'server, which handles it all the same; bash ignores it',
    ...script('bash', "trap '' TERM\nnode server.js a 500 7\nexit $?\n"),
    expect: { code: 7, ms: 529 },
  },
  {
    name: 'bash → server in T',
    told: 'server, CONT after',
    ...script('bash', 'node stops-itself.js\nexit $?\n'),
    files: {
      'start.sh': 'node stops-itself.js\nexit $?\n',
      'stops-itself.js':
        "process.argv.push('a', '500', '7')\nawait import('./server.js')\nprocess.kill(process.pid, 'SIGSTOP')\n",
    },
    expect: { code: 7, ms: 533 },
  },
  {
    name: 'bash → a server of which only children handle it',
    told: 'the children; the launcher (python) does not handle it',
    ...script('bash', 'python3 launcher.py\nexit $?\n'),
    files: {
      'start.sh': 'python3 launcher.py\nexit $?\n',
      'launcher.py': [
        'import subprocess, sys',
        'children = [subprocess.Popen(["node", "server.js", name, "500", "7"]) for name in ("a", "b")]',
        'sys.exit(max(child.wait() for child in children))\n',
      ].join('\n'),
    },
    ready: ['a ready', 'b ready'],
    expect: { code: 7, cleaned: ['a', 'b'], ms: 529 },
  },
]
