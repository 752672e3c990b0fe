import type { Worker } from 'node:worker_threads'
import { performance } from '../../real-time.ts'
import { taskIds } from '../../report/worker-threads.ts'
import { pause } from './busy-threads.ts'

/**
 * Ends `workers`, and says whether their threads have gone within `forMs`, as far as the kernel tells: they notice at once,
 * unless they are in a native call. Blocks meanwhile.
 */
export function endWorkers(workers: readonly Worker[], forMs: number): boolean {
  const left = taskIds().length - workers.length
  if (workers.length === 0 || left < 0) return true
  for (const worker of workers) void worker.terminate()
  for (const until = performance.now() + forMs; taskIds().length > left; pause(2)) {
    if (performance.now() > until) return false
  }
  return true
}
