import { setImmediate } from './real-time.ts'

type Log = (format: string, ...values: unknown[]) => void

const silent: Log = () => {}

/**
 * A log under `lastcall:NAME`. `debug` costs 6 to 12 ms to load, so it is loaded only when DEBUG could name us, and by
 * import(): a bundler sees that, and not `createRequire`. What is said until it has arrived is kept and said then.
 */
export function debugLog(name: string): Log {
  if (!process.env.DEBUG) return silent
  let waiting: Parameters<Log>[] | undefined = []
  let log: Log = (...line) => waiting?.push(line)
  import('debug').then(
    ({ default: debug }) => {
      log = debug(`lastcall:${name}`)
      for (const line of waiting ?? []) log(...line)
      waiting = undefined
    },
    // Absent in a bundle that left it out: debugging is then off, and nothing else is.
    () => {
      waiting = undefined
      log = silent
    },
  )
  return (...line) => log(...line)
}

/** Resolves when what was said until now has been written: a short shutdown is over before `debug` has loaded. */
export async function debugWritten(): Promise<void> {
  if (!process.env.DEBUG) return
  await import('debug').catch(() => {})
  await new Promise((resolve) => setImmediate(resolve))
}
