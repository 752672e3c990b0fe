import { clearTimeout, setTimeout } from '../real-time.ts'

/** How long after the limit the cutoff comes, in milliseconds. */
const AFTER_MS = 5

/**
 * Makes what aborts the cutoff. Hooks that share a limit have a timer each, a moment apart; a job that hears of the first one
 * would end before the hook that counts it, or hands it back, has been told. So all are told, and then the jobs. A second
 * signal tells them in one go.
 */
export function createCut(cutoff: AbortController, isForced: () => boolean): () => void {
  let timer: NodeJS.Timeout | undefined
  const abort = (): void => cutoff.abort(new DOMException("drain's time is over", 'AbortError'))
  // Drain may be over before: the report is not to name a timer of ours as the app's.
  cutoff.signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  return () => {
    if (isForced()) abort()
    else timer ??= setTimeout(abort, AFTER_MS)
  }
}
