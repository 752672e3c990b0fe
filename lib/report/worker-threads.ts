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
  stop(): void
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
