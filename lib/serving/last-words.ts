import { clearTimeout, setTimeout } from '../real-time.ts'
import type { DrainContext } from './drainable.ts'

/** Of what is left at the limit, handlers that heard the cutoff may still answer; in milliseconds. */
const LAST_WORDS_MS = 25

/** Calls `act` a moment after the limit; returns what forgets it. */
export function afterLimit({ limit, remainingMs }: DrainContext, act: () => void): () => void {
  const lastWordsMs = Math.min(LAST_WORDS_MS, remainingMs() / 40)
  let timer: NodeJS.Timeout | undefined
  const atLimit = (): void => {
    timer = setTimeout(act, lastWordsMs)
  }
  if (limit.aborted) atLimit()
  else limit.addEventListener('abort', atLimit, { once: true })
  return () => {
    limit.removeEventListener('abort', atLimit)
    clearTimeout(timer)
  }
}
