import { readdirSync } from 'node:fs'
import type { Worker } from 'node:worker_threads'

/** A worker thread that holds the event loop. */
export interface WorkerThread {
  readonly id: number
  readonly name: string | undefined
  /** Its end of the channel to the thread, which Node lists as a handle of its own. */
  readonly ports: readonly unknown[]
}

/** The worker threads of this process. */
export interface WorkerThreads {
  /** Those that run and are not unref'd. */
  holding(): WorkerThread[]
  /** Those that run, our own left out. */
  running(): Worker[]
  stop(): void
}

/** The threads of lastcall's own, and the numbers that Linux gave them. */
export const ownThreads = new WeakSet<Worker>()
export const ownTasks = new Set<string>()

/** Starts one of ours: Node does not tell its number, and what it does is no work of the app. */
export function startOwnThread(start: () => Worker): Worker {
  const before = taskIds()
  const worker = start()
  ownThreads.add(worker)
  for (const id of taskIds()) if (!before.includes(id)) ownTasks.add(id)
  return worker
}

/** The threads of this process, the main thread too; none where the kernel does not tell. */
export function taskIds(): string[] {
  try {
    return readdirSync('/proc/self/task')
  } catch {
    return []
  }
}

/** Node lists worker threads nowhere: to know them is to hear of each as it starts, so watch early. */
export function watchWorkerThreads(): WorkerThreads {
  const workers = new Set<Worker>()
  const onWorker = (worker: Worker): void => {
    workers.add(worker)
    worker.once('exit', () => workers.delete(worker))
  }
  process.on('worker', onWorker)
  return {
    holding: () => [...workers].flatMap(threadOf),
    running: () => [...workers].filter((worker) => !ownThreads.has(worker)),
    stop: () => {
      process.off('worker', onWorker)
      workers.clear()
    },
  }
}

function threadOf(worker: Worker): WorkerThread[] {
  // Whether a worker is ref'd only its handle knows, which is behind a symbol (Node 20 to 26).
  const parts = Object.getOwnPropertySymbols(worker).map((key) => (worker as never)[key] as unknown)
  const handle = parts.find((part) => (part as object | null)?.constructor?.name === 'Worker') as
    | { hasRef?: () => boolean }
    | undefined
  if (handle?.hasRef?.() === false) return []
  // `threadName` came with Node 22.20; from 24 on an unnamed thread is called 'WorkerThread', which says nothing.
  const { threadId, threadName } = worker as Worker & { threadName?: string | null }
  const name = threadName === 'WorkerThread' ? undefined : threadName || undefined
  return [{ id: threadId, name, ports: parts }]
}
