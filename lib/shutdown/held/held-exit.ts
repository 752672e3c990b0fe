import type { Worker } from 'node:worker_threads'
import { nodeProgram } from '../../node-program.ts'
import { isAnyThreadBusy } from './busy-threads.ts'
import { endWorkers } from './end-workers.ts'
import { killLater } from './kill-later.ts'

export interface HeldExitSetup {
  /** The threads that the app has started and that still run. */
  readonly workers: () => readonly Worker[]
  /** Until the process has to be gone. */
  readonly leftMs: () => number
  readonly reportFile: string | undefined
}

type Exit = (code?: number | string) => never
type Execve = (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => never
type Patched = { reallyExit: Exit; execve?: Execve }

/**
 * The last step of `process.exit` waits for every thread: a worker in a native call, a look-up of a name, a read from a
 * mount that is dead hold it for as long as they take, when nothing of ours runs any more to end them. Where a thread is
 * busy the process becomes, in place, one that only exits; a kernel lets no thread survive that. Returns what takes it off.
 */
export function certainExit({ workers, leftMs, reportFile }: HeldExitSetup): () => void {
  const patched = process as unknown as Patched
  const before = patched.reallyExit
  const reallyExit: Exit = (code) => {
    try {
      // Meanwhile a short job ends. Where the watchdog has us exit, it waits no longer for that.
      const forMs = Math.max(5, Math.min(100, leftMs() / 8))
      if (!endWorkers(workers(), forMs) || isAnyThreadBusy(forMs)) becomeExit(Number(code ?? 0))
      else return before.call(process, code)
    } catch {
      // Without execve (before Node 22.15), or not allowed to.
    }
    killLater(leftMs(), reportFile)
    return before.call(process, code)
  }
  patched.reallyExit = reallyExit
  return () => {
    if (patched.reallyExit === reallyExit) patched.reallyExit = before
  }
}

/** The environment of a service is none for it: a preload, or the channel of a parent. */
function becomeExit(code: number): void {
  const { execve } = process as unknown as Patched
  const { LD_LIBRARY_PATH } = process.env
  const env = LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH }
  const node = nodeProgram()
  if (node) execve?.call(process, node, [node, '-e', `process.reallyExit(${code})`], env)
}
