import { badOption, checkKeys } from '../options.ts'
import type { FoundBy } from './members.ts'
import { thisPlatform } from './platform/platform.ts'
import { checkProcess, type ProcessId } from './process-id.ts'

/** One process of a tree. */
export interface TreeProcess extends ProcessId {
  /** Its parent now; 1, or a subreaper, for one that was orphaned. */
  readonly ppid: number
  /** Its command line; its name in brackets where that may not be read. */
  readonly command: string
  /** R running, S asleep, D in the kernel, T stopped, Z ended and not yet waited for; empty on Windows. */
  readonly state: string
  /** What made it a member. Elsewhere than on Linux only `'root'` and `'descent'` are known. */
  readonly foundBy: FoundBy
  /** What it does with SIGTERM; a `'default'` ends it, except as PID 1. Linux only. */
  readonly sigterm?: 'handles' | 'ignores' | 'blocks' | 'default'
}

/** The options of `listTree`; none has to be given. */
export interface ListTreeOptions {
  /**
   * The value of LASTCALL_TREE that the tree was started with. It finds those that left their group and were orphaned,
   * also when the root has ended. Linux only.
   * @default found by itself where this process, or the root's parent, has set it for the root
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is no text
   */
  readonly cookie?: string
}

/**
 * Lists a process and everything that it started, the oldest first, the root too; not this process itself.
 * Linux reads /proc and needs no `ps`; elsewhere `pidtree` and `ps` are asked.
 * @param root a pid, or a process that an earlier list gave: its pid counts only as long as it is that process
 * @throws {LastcallError} ERR_LASTCALL_PROCESS when there is no such process, or its pid was given to another one
 * @throws {LastcallError} ERR_LASTCALL_OPTION for an unknown option
 * @example
 * for (const { pid, command } of await listTree(child.pid)) console.log(pid, command)
 */
export async function listTree(root: number | ProcessId, options: ListTreeOptions = {}): Promise<TreeProcess[]> {
  checkKeys('listTree', options, ['cookie'])
  checkCookie(options.cookie)
  const platform = thisPlatform()
  return platform.list(checkProcess(root), options.cookie)
}

export function checkCookie(cookie: unknown): void {
  if (cookie === undefined || (typeof cookie === 'string' && cookie !== '')) return
  throw badOption('cookie', 'a text that is not empty', cookie, 'Write the value of LASTCALL_TREE.')
}
