import { badOption } from '../../options.ts'
import type { LameDuckOptions } from './lame-duck.ts'
import type { ArrivedRequest } from './probe.ts'

/** The lame duck's part of the options of `createShutdown`. */
export interface LameDuckWish {
  /**
   * How long the process serves on after the shutdown began, in seconds, while routing still sends to it: at most 40 % of
   * what the clock has. It ends earlier when all who sent have gone, and `report.lameDuck` says why it did not. 0: not at
   * all. Only where KUBERNETES_SERVICE_HOST is set, and a server listens.
   * @default 10
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a number of 0 or more
   */
  readonly lameDuckSeconds?: number
  /**
   * How long it may go on where connections still come after `lameDuckSeconds`, in seconds; at most 40 % of what the
   * clock has. Reached, `report.lameDuck.ended` is `'limit'`.
   * @default 40 % of what the clock has
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a number, or less than lameDuckSeconds
   */
  readonly lameDuckMaxSeconds?: number
  /**
   * For how long nobody may have sent anything before it ends early, in milliseconds.
   * @default 4000
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a number above 0
   */
  readonly quietMs?: number
  /**
   * Whether a request is a health check or a scrape, which come to the last and must not hold the end. Those of the
   * kubelet, Prometheus and the load balancers of Google and AWS are known. It is called for the first requests of an
   * address, and for each request of the lame duck; where it throws, the request is a client's.
   * @default none
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a function
   */
  readonly isProbe?: (request: ArrivedRequest) => boolean
}

/** @internal */
export const LAME_DUCK_KEYS = ['lameDuckSeconds', 'lameDuckMaxSeconds', 'quietMs', 'isProbe'] as const

/** @internal */
export interface CheckedLameDuck extends LameDuckOptions {
  readonly isProbe: LameDuckWish['isProbe']
}

/** The sum of a day: whoever writes more has written milliseconds. */
const LONGEST_SECONDS = 86_400

/** @internal @throws {LastcallError} ERR_LASTCALL_OPTION */
export function checkLameDuck(options: LameDuckWish): CheckedLameDuck {
  const { lameDuckSeconds = 10, lameDuckMaxSeconds, quietMs = 4_000, isProbe } = options
  checkSeconds('lameDuckSeconds', lameDuckSeconds, 10)
  if (lameDuckMaxSeconds !== undefined) {
    checkSeconds('lameDuckMaxSeconds', lameDuckMaxSeconds, 20)
    if (lameDuckMaxSeconds < lameDuckSeconds) {
      const rule = `at least lameDuckSeconds, which is ${lameDuckSeconds}`
      throw badOption('lameDuckMaxSeconds', rule, lameDuckMaxSeconds, 'Leave it out, or lower lameDuckSeconds, too.')
    }
  }
  if (!(typeof quietMs === 'number' && quietMs > 0 && quietMs <= LONGEST_SECONDS * 1_000)) {
    throw badOption('quietMs', 'a number of milliseconds above 0, at most a day', quietMs, 'Write 4000.')
  }
  if (isProbe !== undefined && typeof isProbe !== 'function') {
    throw badOption('isProbe', 'a function', isProbe, "Write isProbe: ({ url }) => url === '/health'.")
  }
  const maxMs = lameDuckMaxSeconds === undefined ? undefined : lameDuckMaxSeconds * 1_000
  return { lameDuckMs: lameDuckSeconds * 1_000, maxMs, quietMs, isProbe }
}

function checkSeconds(name: string, value: unknown, example: number): void {
  if (typeof value === 'number' && value >= 0 && value <= LONGEST_SECONDS) return
  throw badOption(name, 'a number of seconds, 0 or more, at most a day', value, `Write ${example}.`)
}
