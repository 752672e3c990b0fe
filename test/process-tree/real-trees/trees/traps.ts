import type { Tree } from '../tree.ts'
import { OTHER_SHELLS, POSIX_SHELLS, script } from './script.ts'

/** Scripts that try to do it right, and those that look as if they did. */
export const traps: Tree[] = POSIX_SHELLS.flatMap((shell): Tree[] => [
  {
    name: `${shell}: trap 'exit' TERM; server`,
    told: 'both: the trap waits for the server',
    ...script(shell, "trap 'exit 5' TERM\nnode server.js a\n"),
    expect: { code: 5, ms: 548 },
  },
  {
    name: `${shell}: trap kills, one wait`,
    told: 'the shell: its trap tells the server',
    ...script(shell, `trap 'kill -TERM $p' TERM\nnode server.js a &\np=$!\nwait $p\n`),
    expect: { code: 143, ms: 534 },
  },
  {
    name: `${shell}: trap kills, waits until it is gone`,
    told: 'the shell: its trap tells the server',
    ...script(
      shell,
      `trap 'kill -TERM $p' TERM\nnode server.js a 500 7 &\np=$!\nwhile :; do\n  wait $p\n  code=$?\n  kill -0 $p 2>/dev/null || break\ndone\nexit $code\n`,
    ),
    expect: { code: 7, ms: 534 },
  },
  {
    name: `${shell}: server & tail -f; trap kills`,
    told: 'the shell and tail, so that the trap runs now',
    ...script(shell, `trap 'kill -TERM $p; wait $p; exit 6' TERM\ntouch log\nnode server.js a &\np=$!\ntail -f log\n`),
    expect: { code: 6, ms: 545 },
  },
  {
    name: `${shell}: trap 'sleep 1; kill; wait'`,
    told: 'the shell: its order is kept',
    ...script(
      shell,
      `trap 'echo trapped >>events.log; sleep 1; kill -TERM $p; wait $p; exit 6' TERM\nnode server.js a &\np=$!\nwait $p\n`,
    ),
    expect: { code: 6, order: ['trapped', 'a told', 'a cleaned'], ms: 1546 },
  },
  {
    name: `${shell}: trap kills two servers, one after the other`,
    told: 'the shell: its order is kept',
    ...script(
      shell,
      `trap 'kill -TERM $p; wait $p; kill -TERM $q; wait $q; exit 6' TERM\nnode server.js a &\np=$!\nnode server.js b &\nq=$!\nwait\n`,
    ),
    ready: ['a ready', 'b ready'],
    expect: { code: 6, cleaned: ['a', 'b'], order: ['a cleaned', 'b told', 'b cleaned'], ms: 1080 },
  },
  {
    name: `${shell}: trap kills one of two servers`,
    told: 'the shell, whose trap tells a; then b',
    ...script(
      shell,
      `trap 'kill -TERM $p; wait $p; exit 6' TERM\nnode server.js b &\nnode server.js a &\np=$!\nwait $p\n`,
    ),
    ready: ['a ready', 'b ready'],
    expect: { code: 6, cleaned: ['a', 'b'], ms: 1100 },
  },
  {
    name: `${shell}: trap '' TERM; kill 0`,
    told: 'the shell: its trap tells the group',
    ...script(shell, `trap 'trap "" TERM; kill 0; wait; exit 6' TERM\nnode server.js a &\nnode server.js b &\nwait\n`),
    ready: ['a ready', 'b ready'],
    expect: { code: 6, cleaned: ['a', 'b'], ms: 545 },
  },
  {
    name: `${shell}: trap sets a flag; loop of sleeps; server in the background`,
    told: 'the shell and its sleep; the script tells the server',
    ...script(
      shell,
      `stop=\ntrap 'stop=1' TERM\nnode server.js a &\np=$!\nwhile [ -z "$stop" ]; do sleep 0.3; done\nkill -TERM $p\nwait $p\nexit 6\n`,
    ),
    expect: { code: 6, ms: 560 },
  },
  {
    name: `${shell}: trap … EXIT; server`,
    told: 'server; the trap runs when the shell ends',
    ...script(shell, `trap 'echo "left by EXIT" >>events.log' EXIT\nnode server.js a 500 7\nexit $?\n`),
    expect: { code: 7, order: ['a cleaned', 'left by EXIT'], ms: 520 },
  },
])
  .concat([
    {
      name: 'bash: trap kills; wait -n on two servers',
      told: 'bash: its trap tells both',
      ...script(
        'bash',
        `trap 'kill -TERM $p $q; wait; exit 6' TERM\nnode server.js a &\np=$!\nnode server.js b &\nq=$!\nwait -n\nexit 9\n`,
      ),
      ready: ['a ready', 'b ready'],
      expect: { code: 6, cleaned: ['a', 'b'], ms: 545 },
    },
    {
      name: 'bash: wait -n; kill %1 %2, no trap',
      told: 'both servers; the script tells the slower one again',
      ...script(
        'bash',
        'node server.js a 200 &\nnode server.js b 600 &\nwait -n\nkill %1 %2 2>/dev/null\nwait\nexit 6\n',
      ),
      ready: ['a ready', 'b ready'],
      expect: { code: 6, cleaned: ['a', 'b'], toldTwice: ['b'], ms: 640 },
    },
    {
      name: 'bash, set -m: trap kills the job',
      told: 'bash: its trap tells the job, a group of its own',
      ...script('bash', `set -m\ntrap 'kill -TERM -- -$p; wait $p; exit 6' TERM\nnode server.js a &\np=$!\nwait $p\n`),
      expect: { code: 6, ms: 545 },
    },
    {
      name: "bash: trap in a subshell ( trap 'kill' TERM; server & wait )",
      told: 'the subshell: its trap tells the server',
      ...script(
        'bash',
        `(\n  trap 'kill -TERM $p; wait $p; exit 6' TERM\n  node server.js a &\n  p=$!\n  wait $p\n)\nexit $?\n`,
      ),
      expect: { code: 6, ms: 545 },
    },
    {
      name: 'bash with an EXIT trap that stops the server',
      told: 'server; the EXIT trap finds it gone',
      ...script(
        'bash',
        `node server.js a &\np=$!\ntrap 'kill -TERM $p 2>/dev/null; echo "left by EXIT" >>events.log' EXIT\nwait $p\n`,
      ),
      expect: { code: 0, order: ['a cleaned', 'left by EXIT'], ms: 545 },
    },
    {
      name: 'bash: a TERM trap and an EXIT trap',
      told: 'server; of the traps only EXIT has something left to do',
      ...script(
        'bash',
        `trap 'kill -TERM $p; wait $p; exit 6' TERM\ntrap 'echo "left by EXIT" >>events.log' EXIT\nnode server.js a 500 7 &\np=$!\nwait $p\n`,
      ),
      expect: { code: 7, order: ['a cleaned', 'left by EXIT'], ms: 545 },
    },
    {
      name: 'bash: setsid server &; trap kills it',
      told: 'bash: its trap tells the server, in a session of its own',
      ...script('bash', `trap 'kill -TERM $p; wait $p; exit 6' TERM\nsetsid node server.js a &\np=$!\nwait $p\n`),
      expect: { code: 6, ms: 545 },
    },
    {
      name: "bash: trap 'exit' TERM; timeout 60 server",
      told: 'bash and the server: the trap waits for timeout, which only starts it',
      ...script('bash', "trap 'exit 5' TERM\ntimeout 60 node server.js a\n"),
      expect: { code: 5, ms: 560 },
    },
    {
      name: 'bash: set -m, trap, server in the foreground',
      told: 'bash; the server late: it may have been told, unseen, as a job',
      ...script('bash', `set -m\ntrap 'exit 5' TERM\nnode server.js a\n`),
      expect: { code: 5, ms: 4284 },
    },
  ])
  .concat(
    OTHER_SHELLS.flatMap((shell): Tree[] => [
      {
        name: `${shell}: trap 'exit' TERM; server`,
        told: 'server; the shell is stepped over',
        ...script(shell, "trap 'exit 5' TERM\nnode server.js a 500 7\nexit $?\n"),
        expect: { code: 7, ms: 548 },
      },
      {
        name: `${shell}: trap kills, one wait`,
        told: 'server; the shell ends with it',
        ...script(shell, `trap 'kill -TERM $p' TERM\nnode server.js a 500 7 &\np=$!\nwait $p\n`),
        expect: { code: 7, ms: 534 },
      },
    ]),
  )
