import type { HookFunction } from '../hooks/hook.ts'
import { badOption } from '../options.ts'
import { sleep as pause } from '../real-time.ts'

/** The longest that a timer can be, in seconds. */
const LONGEST_SECONDS = (2 ** 31 - 1) / 1000

/**
 * Waits, as `preStop.sleep` of a pod does: `seconds` from 0 to 2,147,483. It needs no program in the image. Where the phase
 * has less time left it ends there, and `report.hooks[n].outcome` is `'timed out'`.
 * @throws {LastcallError} ERR_LASTCALL_OPTION when it is no number of seconds
 * @example
 * import { createShutdown } from 'lastcall'
 * import { sleep } from 'lastcall/prestop'
 *
 * createShutdown().preStop('wait for DNS', sleep(5))
 */
export function sleep(seconds: number): HookFunction {
  if (!(typeof seconds === 'number' && seconds >= 0 && seconds <= LONGEST_SECONDS)) {
    throw badOption('sleep', `a number of seconds from 0 to ${Math.floor(LONGEST_SECONDS)}`, seconds, 'Write sleep(5).')
  }
  return ({ signal }) => pause(seconds * 1000, undefined, { signal })
}
