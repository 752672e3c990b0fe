import process from 'node:process'
import { listTree } from '../process-tree/index.ts'
import { drawTree } from './draw-tree.ts'
import { readPidAndOptions } from './pid-argument.ts'

const HELP = `Usage: lastcall tree PID [--json]

Draws a process and everything that it started, with the state of each and what
it does with SIGTERM: the signal of a kubelet goes no further than the first that
handles it, and one that neither handles nor passes it on swallows it.

  --json   print the list as JSON

Those that left the tree (daemons) stand apart; they are found where lastcall
started it. Exit code 2: wrong options or no such process.
`

/** `lastcall tree PID`. */
export async function treeCommand(args: readonly string[]): Promise<number> {
  const given = readPidAndOptions('tree', args, { '--json': 'flag', '--help': 'flag' })
  if (given.has('--help')) {
    process.stdout.write(HELP)
    return 0
  }
  const pid = given.pid()
  const tree = await listTree(pid)
  // Into a pipe or file nothing is cut: `lastcall tree 7 | grep …`.
  const columns = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY
  process.stdout.write(given.has('--json') ? `${JSON.stringify(tree)}\n` : drawTree(tree, pid, columns))
  return 0
}
