import { listTree } from '../process-tree/index.ts'
import { drawTree } from './draw-tree.ts'
import { TREE_HELP } from './help.ts'
import { readPidAndOptions } from './pid-argument.ts'
import { print } from './print.ts'

/** `lastcall tree PID`. */
export async function treeCommand(args: readonly string[]): Promise<number> {
  const given = readPidAndOptions('tree', args, { '--json': 'flag', '--help': 'flag' })
  if (given.has('--help')) {
    print(TREE_HELP)
    return 0
  }
  const pid = given.pid()
  const tree = await listTree(pid)
  // Into a pipe or file nothing is cut: `lastcall tree 7 | grep …`.
  const columns = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY
  print(given.has('--json') ? `${JSON.stringify(tree)}\n` : drawTree(tree, pid, columns))
  return 0
}
