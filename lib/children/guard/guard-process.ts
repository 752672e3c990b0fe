import { ToldTrees, type TreeNews } from '../../process-tree/owned/told-trees.ts'
import { LineSplitter } from '../life/lines.ts'

// The guard: a process of its own that hears who belongs to the supervised trees, and kills them when its pipe ends
// before they have. Bundled into one text, which `guard.ts` hands to a new Node.

/** Whoever stops us stops the service, too; only its end is ours. */
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => {})
process.title = 'lastcall guard'

const trees = new ToldTrees()
// Descriptor 0 is the program's own text.
const pipe = new (process.getBuiltinModule('node:net').Socket)({ fd: 3, readable: true, writable: false })
const lines = new LineSplitter((line) => trees.learn(JSON.parse(line) as TreeNews))
pipe.on('data', (piece: Buffer) => lines.push(piece))
pipe.on('error', end)
pipe.on('end', end)

function end(): void {
  trees.killAll()
  process.exit(0)
}
