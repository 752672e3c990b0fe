import type { Cluster } from 'node:cluster'
import { inWorkerThread, obeyAdopter } from '../children/adopt/thread-channel.ts'
import { monotonicNow } from '../clock/deadline.ts'
import { DEADLINE_VARIABLE } from '../clock/deadline-record.ts'
import type { LastcallError } from '../errors.ts'
import type { CheckedOptions } from '../shutdown/options/check-options.ts'
import { listenToIpc } from '../shutdown/parent/ipc.ts'
import { listenToParent } from '../shutdown/parent/parent.ts'
import { printError } from '../shutdown/print-error.ts'
import type { ShutdownStory } from '../shutdown/shutdown.ts'
import { listen } from '../shutdown/triggers/triggers.ts'

/** Joins the story to all that may begin it from outside: signals, errors, a parent. Returns what takes them off. */
export function beginFromOutside(story: ShutdownStory, options: CheckedOptions, cutoff: AbortSignal): () => void {
  const inThread = inWorkerThread()
  const announced = (leftMs: number, begins: boolean): void => {
    story.announced(monotonicNow() + leftMs)
    if (begins) void story.begin({ kind: 'parent' })
  }
  // The descriptor is the whole process's: what a thread read of it would be lost to the others.
  const parent = listenToParent(inThread ? undefined : process.env[DEADLINE_VARIABLE], {
    announced,
    gone: () => void story.begin({ kind: 'parent', message: 'the end of the parent' }),
  })
  // No signal reaches a thread: whoever adopted it asks.
  const off = listen(inThread ? { ...options, signals: [] } : options, {
    signal: (signal) => {
      parent.look()
      story.signal(signal)
    },
    error: (error) => {
      if (story.state !== 'running' && isGivenUp(error, [story.stopping.signal, cutoff])) return
      printError(error)
      story.error(error)
    },
    empty: () => void story.begin({ kind: 'empty' }),
  })
  const offIpc = inThread
    ? () => {}
    : listenToIpc({
        asked: () => void story.begin({ kind: 'parent', message: "the message 'shutdown'" }),
        announced: (leftMs) => announced(leftMs, false),
        disconnected: () => {
          if (!options.disconnect) return
          // Else Node ends an orphaned worker with code 0 as soon as this listener returns.
          const { worker } = process.getBuiltinModule('node:cluster') as unknown as Cluster
          if (worker) worker.exitedAfterDisconnect = true
          void story.begin({ kind: 'parent', message: 'the end of the IPC channel' })
        },
      })
  const stopObeying = inThread ? obeyAdopter((leftMs) => announced(leftMs, true)) : () => {}
  return () => {
    parent.close()
    off()
    offIpc()
    stopObeying()
  }
}

/**
 * What was given up because we stop is no fault of the app: a start that was awaited with `stopping`, `await child.ready`,
 * and at the cutoff a tracked job, which is counted as undone, so that the exit code says so.
 */
function isGivenUp(error: unknown, signals: readonly AbortSignal[]): boolean {
  // What Node throws for a signal that aborts is the signal's reason, or an error that it caused.
  const { code, cause } = Object(error) as Partial<LastcallError>
  return (
    code === 'ERR_LASTCALL_STOPPING' ||
    signals.some(({ aborted, reason }) => aborted && (error === reason || cause === reason))
  )
}
