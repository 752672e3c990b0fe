import { performance, sleep } from '../../real-time.ts'
import { sendWith, TOO_LATE } from './ask.ts'
import type { InCluster } from './in-cluster.ts'
import { type PodObject, readPod } from './pod-object.ts'
import type { CallReport } from './pod-report.ts'

/** Before a watch that ended is begun again: the API server ends each after some minutes, or when it restarts. */
const PAUSE_MS = 1_000

/** A line is one pod; etcd takes none above 1.5 MiB. */
const MOST_BYTES = 4 * 2 ** 20

export interface WatchReaders {
  readonly seen: (pod: PodObject) => void
  /** It watches, or cannot just now. */
  readonly noted: (report: CallReport) => void
}

/**
 * Watches our pod until `over` aborts. Without a `resourceVersion` each watch begins with the pod as it is now, so that
 * nothing is missed between two. @see https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-watch
 */
export async function watchPod(cluster: InCluster, over: AbortSignal, { seen, noted }: WatchReaders): Promise<void> {
  const query = new URLSearchParams({ watch: '1', fieldSelector: `metadata.name=${cluster.name}` })
  const path = `/api/v1/namespaces/${encodeURIComponent(cluster.namespace)}/pods?${query}`
  const startedAt = performance.now()
  const tell = (report: Omit<CallReport, 'tookMs'>): void => {
    if (!over.aborted) noted({ ...report, tookMs: Math.round(performance.now() - startedAt) })
  }
  noted({ outcome: 'asked', why: TOO_LATE, tookMs: 0 })
  while (!over.aborted) {
    try {
      const answer = await sendWith(cluster, { method: 'GET', path, signal: over })
      tell({ outcome: 'answered' })
      answer.setEncoding('utf8')
      let rest = ''
      for await (const part of answer) {
        const lines = (rest + part).split('\n')
        rest = lines.pop() ?? ''
        if (rest.length > MOST_BYTES) throw new Error(`the watch sent more than ${MOST_BYTES} bytes in one line`)
        for (const line of lines) {
          const pod = podIn(line)
          if (pod && !over.aborted) seen(pod)
        }
      }
    } catch (error) {
      const { outcome = 'failed', message } = error as Partial<CallReport> & Error
      tell({ outcome, why: message })
      // A Role does not change in the seconds that are left.
      if (outcome === 'forbidden') return
    }
    await sleep(PAUSE_MS, undefined, { signal: over, ref: false }).catch(() => {})
  }
}

/** `{ type, object }`: of a pod that is gone (DELETED), or of an error, there is nothing to learn. */
function podIn(line: string): PodObject | undefined {
  try {
    const { type, object } = Object(JSON.parse(line))
    return type === 'ADDED' || type === 'MODIFIED' ? readPod(object) : undefined
  } catch {
    return undefined
  }
}
