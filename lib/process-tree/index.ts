// For whoever starts processes and marks them, so that orphans are found too:
export { newCookie, TREE_COOKIE } from './cookie.ts'
export type { KillTreeOptions, KillTreeResult, KillTreeSyncOptions, ToldProcess } from './kill-tree.ts'
export { killTree, killTreeSync } from './kill-tree.ts'
export type { ListTreeOptions, TreeProcess } from './list-tree.ts'
export { listTree } from './list-tree.ts'
export type { FoundBy } from './members.ts'
export type { ProcessId } from './process-id.ts'
