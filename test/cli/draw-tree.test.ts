import * as assert from 'uvu/assert'
import { drawTree } from '../../lib/cli/draw-tree.ts'
import type { TreeProcess } from '../../lib/process-tree/index.ts'
import { test } from '../support/suite.ts'

function one(pid: number, ppid: number, command: string, rest: Partial<TreeProcess> = {}): TreeProcess {
  return { pid, ppid, startTime: pid, command, state: 'S', foundBy: 'descent', sigterm: 'default', ...rest }
}

test('branches, a zombie, and who left the tree', () => {
  const tree = [
    one(10, 1, 'bash start.sh', { foundBy: 'root' }),
    one(11, 10, 'node server.js', { sigterm: 'handles' }),
    one(12, 11, '[worker]', { state: 'Z' }),
    one(13, 10, 'tail -f log'),
    one(14, 1, 'daemon', { foundBy: 'cookie' }),
    one(15, 14, 'its child'),
    one(16, 1, 'orphan', { foundBy: 'group' }),
  ]
  assert.is(
    drawTree(tree, 10, 80),
    `  PID  STATE      SIGTERM  COMMAND
   10  asleep     default  bash start.sh
   11  asleep     handles  ├─ node server.js
   12  zombie              │  └─ [worker]
   13  asleep     default  └─ tail -f log

No longer below it:
   14  asleep     default  daemon  (found by its mark, parent 1)
   15  asleep     default  └─ its child
   16  asleep     default  orphan  (found by its group, parent 1)
`,
  )
})

test('no line is wider than the terminal, however deep and long', () => {
  const chain = Array.from({ length: 300 }, (_, i) => one(100 + i, 99 + i, `command ${i} ${'x'.repeat(200)}`))
  for (const columns of [20, 80, 132]) {
    const lines = drawTree(chain, 100, columns).trimEnd().split('\n')
    assert.is(lines.length, 301)
    assert.ok(lines.every((line) => line.length <= columns))
  }
  assert.match(drawTree(chain, 100, 80), /└─ command 299 xx/)
})

test('a pipe gets whole lines', () => {
  const long = 'x'.repeat(5_000)
  assert.ok(drawTree([one(1, 0, long)], 1, Number.POSITIVE_INFINITY).includes(long))
})

test('no escape sequence of a command line reaches the terminal', () => {
  assert.match(drawTree([one(1, 0, 'a\u001b[2Jb\u009bc\nd')], 1, 80), /a\?\[2Jb\?c\?d\n$/)
})

test('a tree without its root, our own, is drawn by its tops', () => {
  assert.is(drawTree([one(7, 6, 'a'), one(8, 6, 'b')], 6, 80).split('\n').length, 4)
})
