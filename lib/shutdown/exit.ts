import type { Deadline } from '../clock/deadline.ts'
import { startTimer } from '../clock/timer.ts'
import { debugWritten } from '../debug-log.ts'
import { setTimeout } from '../real-time.ts'
import type { Exit } from '../report/exit-code.ts'

/** How the process ends when the shutdown is over. */
export type ExitMode = true | false | 'signal'

/**
 * Delivers stdout and stderr, then ends the process: with the exit code, or by the signal itself where the table or
 * `exit: 'signal'` says so. `withinMs` bounds the delivery: the reader of a pipe may never come.
 */
export async function leave(exit: Exit, withinMs: number): Promise<void> {
  await deliverOutput(withinMs)
  if (exit.reraise && process.pid !== 1) {
    process.removeAllListeners(exit.reraise)
    process.kill(process.pid, exit.reraise)
    // The signal ends the process as soon as it is delivered; where somebody blocks it, the code does.
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  process.exit(exit.code)
}

/** How long the output may take: half of the reserve, and over a moment before the watchdog takes us for blocked. */
export function outputMs({ at, reserveMs }: Deadline, now: number): number {
  return Math.max(0, Math.min(reserveMs / 2, at + reserveMs * 0.4 - now))
}

/** `process.exit` drops what a pipe (64 KiB) has not taken yet; an awaited empty write comes after all of it. */
export async function deliverOutput(withinMs: number): Promise<void> {
  let stop = (): void => {}
  const over = new Promise<void>((resolve) => {
    stop = startTimer(withinMs, resolve)
  })
  const streams = [() => process.stdout, () => process.stderr]
  const written = debugWritten().then(() => Promise.all(streams.map(delivered)))
  await Promise.race([written, over])
  stop()
}

/** An app may have put anything in the place of a stream: nothing of it is known, and the limit holds. */
function delivered(stream: () => NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    try {
      const out = stream()
      if (!out.writable) return resolve()
      out.once('error', () => resolve())
      const written: unknown = out.write('', () => resolve())
      if (written instanceof Promise) written.catch(() => resolve())
    } catch {
      resolve()
    }
  })
}
