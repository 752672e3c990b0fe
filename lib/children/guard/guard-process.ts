import { closeSync, writeSync } from 'node:fs'
import { readStat } from '../../process-tree/find-linux.ts'
import { killAllSync } from '../../process-tree/kill.ts'
import { Members } from '../../process-tree/members.ts'
import { LineSplitter } from '../life/lines.ts'
import type { GuardMessage } from './guard.ts'

// The guard: a process of its own that hears who belongs to the supervised trees, and kills them when its pipe ends
// before they have. Bundled into one text, which `guard.ts` hands to a new Node.

/** Whoever stops us stops the service, too; only its end is ours. */
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => {})
process.title = 'lastcall guard'

const trees = new Map<number, Members>()
// Descriptor 0 is the program's own text.
const pipe = new (process.getBuiltinModule('node:net').Socket)({ fd: 3, readable: true, writable: false })
const lines = new LineSplitter((line) => learn(JSON.parse(line) as GuardMessage))
pipe.on('data', (piece: Buffer) => lines.push(piece))
pipe.on('error', end)
pipe.on('end', end)
try {
  // That it listens: what was started in the place of a node says nothing there. Not by the pipe: an answer that finds
  // nobody is an error of that, and what was told before would be lost.
  writeSync(4, '\n')
  closeSync(4)
} catch {
  // The service has gone already.
}

function learn(message: GuardMessage): void {
  if ('over' in message) trees.delete(message.over)
  else if ('root' in message) {
    const { tree, root, cookie, leadsGroup } = message
    trees.set(tree, new Members(root, { cookie, ownGroup: leadsGroup }))
  } else {
    const members = trees.get(message.tree)
    // As it is now, and only where it is still the same process.
    const stat = readStat(message.member.pid)
    if (members && stat?.startTime === message.member.startTime) members.adopt(stat)
  }
}

function end(): void {
  killAllSync([...trees.values()])
  process.exit(0)
}
