import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'

export interface UntilOptions {
  /** Only ends a hang. @default 15000, less than a test's own limit, so that this error is the one that is seen */
  readonly limitMs?: number
  readonly signal?: AbortSignal
}

/**
 * Reads a value again and again until `holds` says yes, and returns it. `what` finishes the sentence "waited until …".
 * A read that throws counts as not yet; the error at the limit shows what was seen last.
 */
export async function until<T>(
  what: string,
  read: () => T | Promise<T>,
  holds: (value: T) => unknown = Boolean,
  { limitMs = 15_000, signal }: UntilOptions = {},
): Promise<T> {
  const end = performance.now() + limitMs
  let last: string
  do {
    try {
      const value = await read()
      if (holds(value)) return value
      last = inspect(value, { depth: 4, breakLength: 120 })
    } catch (error) {
      last = `threw ${inspect(error)}`
    }
    await pause(20, undefined, signal ? { signal } : {})
  } while (performance.now() < end)
  throw new Error(`waited ${limitMs} ms until ${what}; last seen: ${last}`)
}
