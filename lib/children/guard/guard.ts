import type { ChildProcess } from 'node:child_process'
import type { Writable } from 'node:stream'
import { debugLog } from '../../debug-log.ts'
import { newCookie, TREE_COOKIE } from '../../process-tree/cookie.ts'
import type { Member } from '../../process-tree/members.ts'
import type { ProcessId } from '../../process-tree/process-id.ts'
import { seesProcesses } from '../../process-tree/without-proc.ts'

import { GUARD_SOURCE } from './guard-source.ts'
import type { OwnedTree } from './owned-tree.ts'

const debug = debugLog('guard')

/** What the guard is told, a line of JSON each. */
export type GuardMessage =
  | {
      readonly tree: number
      readonly root: ProcessId
      readonly cookie: string | undefined
      readonly leadsGroup: boolean
    }
  | { readonly tree: number; readonly member: ProcessId }
  | { readonly over: number }

/**
 * Nobody that we supervise outlives us, SIGKILL included: a process in a session of its own reads a pipe from us, and
 * the end of that pipe is our end, however we came to it. It starts with the first child and ends with us.
 */
export class Guard {
  /** By number: what the guard calls them. */
  readonly #trees = new Map<OwnedTree, number>()
  #process: ChildProcess | undefined
  #pipe: Writable | undefined
  #lastId = 0

  watch(run: OwnedTree): void {
    this.#start()
    this.#trees.set(run, ++this.#lastId)
    this.#tell(run)
  }

  /** A member that was seen: should it detach and hide its mark, the guard knows it all the same. */
  remember(run: OwnedTree, { pid, startTime }: Member): void {
    const tree = this.#trees.get(run)
    if (tree !== undefined && pid !== run.members.root.pid) this.#write({ tree, member: { pid, startTime } })
  }

  forget(run: OwnedTree): void {
    const tree = this.#trees.get(run)
    if (tree === undefined) return
    this.#trees.delete(run)
    this.#write({ over: tree })
  }

  /** Nothing is supervised any more: the guard ends. */
  stop(): void {
    this.#pipe?.end()
    this.#pipe = undefined
    this.#process = undefined
  }

  #start(): void {
    if (this.#process) return
    // The program comes by its standard input: as an argument, `ps` would show all of it. No environment: no mark of a
    // tree above, no NODE_OPTIONS whose preload would run in it; but a mark that says whose it is, so that a lastcall
    // above leaves it to us.
    const { spawn } = process.getBuiltinModule('node:child_process')
    const guard = spawn(process.execPath, ['--input-type=commonjs', '-'], {
      detached: true,
      env: { [TREE_COOKIE]: newCookie('') },
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
    })
    guard.on('error', (error) => debug('the guard did not start: %s', error.message))
    this.#process = guard
    this.#pipe = guard.stdio[3] as Writable
    for (const pipe of [guard.stdin, this.#pipe]) {
      pipe?.on('error', () => {})
      ;(pipe as { unref?: () => void } | null)?.unref?.()
    }
    guard.unref()
    guard.stdin?.end(GUARD_SOURCE)
    guard.once('exit', () => {
      if (this.#process !== guard) return
      debug('the guard has gone; another one starts')
      this.#process = undefined
      if (this.#trees.size === 0) return
      this.#start()
      for (const run of this.#trees.keys()) {
        this.#tell(run)
        if (seesProcesses()) for (const member of run.members.scan()) this.remember(run, member)
      }
    })
  }

  #tell(run: OwnedTree): void {
    const { root, cookie, leadsGroup } = run.members
    const tree = this.#trees.get(run)
    if (tree !== undefined) this.#write({ tree, root, cookie, leadsGroup })
  }

  #write(message: GuardMessage): void {
    this.#pipe?.write(`${JSON.stringify(message)}\n`)
  }
}
