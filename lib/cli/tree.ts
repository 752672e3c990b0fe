import process from 'node:process'
import { listTree } from '../process-tree/index.ts'
import { drawTree } from './draw-tree.ts'
import { readPidAndOptions } from './pid-argument.ts'

const HELP = `Usage: lastcall tree PID [--json]

Draws a process and everything that it started, with the state of each and what
it does with SIGTERM: handles it, ignores it, blocks it, or is ended by it.
What left the tree stands apart; lastcall finds it by the mark it has set.

  --json   print the list as JSON

Exit codes: 0 drawn, 2 wrong options or no such process.
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
