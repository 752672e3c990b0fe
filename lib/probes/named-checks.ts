import type { Now } from '../clock/deadline.ts'
import { debugLog } from '../debug-log.ts'
import { LastcallError } from '../errors.ts'
import { checkName } from '../hooks/hook.ts'
import { badOption } from '../options.ts'
import { clearTimeout, setTimeout } from '../real-time.ts'
import { checkCheckOptions } from './check-probe-options.ts'
import type { CheckFunction, CheckOptions } from './probe-options.ts'

const debug = debugLog('probes')

/** Calls whose limit is over and that have not come back: with so many, what they look at is not asked again. */
const MOST_HUNG = 10

/** The checks by name. Any number of probes at a time is one call of each. */
export class NamedChecks {
  readonly #checks = new Map<string, NamedCheck>()
  #held: readonly string[] | undefined
  readonly #now: Now

  constructor(now: Now) {
    this.#now = now
  }

  /** Returns what takes it off. */
  add(name: unknown, run: unknown, options: CheckOptions): () => void {
    checkName('check', name)
    if (typeof run !== 'function') {
      throw badOption(`check "${name}"`, 'given a function', run, `Write check('${name}', async () => …).`)
    }
    const limits = checkCheckOptions(options)
    if (this.#checks.has(name)) {
      throw new LastcallError(
        'ERR_LASTCALL_DUPLICATE',
        `a check named "${name}" exists already. Give this one another name: /readyz tells checks apart by it.`,
      )
    }
    const check = new NamedCheck(run as CheckFunction, limits, this.#now)
    this.#checks.set(name, check)
    return () => {
      if (this.#checks.get(name) === check) this.#checks.delete(name)
    }
  }

  /** What those that fail say, now, within the longest limit of them. */
  async failures(): Promise<string[]> {
    const all = [...this.#checks].map(async ([name, check]) => {
      const failure = await check.ask()
      if (failure?.error !== undefined) debug('check "%s" failed: %s', name, errorLine(failure.error))
      return failure && `check ${name}: ${failure.why}`
    })
    return (await Promise.all(all)).filter((line) => line !== undefined)
  }

  /** From here on a check that is under way changes nothing: what it looks at is being closed. */
  hold(): void {
    this.#held = this.lastFailures()
  }

  /** What they said when they were asked last. */
  lastFailures(): readonly string[] {
    if (this.#held) return this.#held
    return [...this.#checks].flatMap(([name, { last }]) => (last ? [`check ${name}: ${last.why}`] : []))
  }
}

/** What was thrown may not be safe to look at. */
function errorLine(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  } catch {
    return 'something that cannot be shown'
  }
}

/** `error` is for the log alone: it may hold a password, and a probe's answer is for everybody. */
interface Failure {
  readonly why: string
  readonly error?: unknown
}

class NamedCheck {
  readonly #run: CheckFunction
  readonly #limits: Required<CheckOptions>
  readonly #now: Now
  #asking: Promise<Failure | undefined> | undefined
  #askedAt = -Infinity
  #hung = 0
  last: Failure | undefined

  constructor(run: CheckFunction, limits: Required<CheckOptions>, now: Now) {
    this.#run = run
    this.#limits = limits
    this.#now = now
  }

  ask(): Promise<Failure | undefined> {
    if (this.#asking) return this.#asking
    if (this.#now() - this.#askedAt < this.#limits.cacheMs) return Promise.resolve(this.last)
    this.#asking = this.#askNow().then((failure) => {
      this.#asking = undefined
      this.#askedAt = this.#now()
      this.last = failure
      return failure
    })
    return this.#asking
  }

  /** Never rejects. */
  #askNow(): Promise<Failure | undefined> {
    if (this.#hung >= MOST_HUNG) return Promise.resolve({ why: `${this.#hung} calls have not come back` })
    return new Promise((resolve) => {
      const limit = new AbortController()
      let isLate = false
      const timer = setTimeout(() => {
        isLate = true
        this.#hung++
        resolve({ why: `timed out after ${this.#limits.timeoutMs} ms` })
        limit.abort(new DOMException(`the check's ${this.#limits.timeoutMs} ms are over`, 'TimeoutError'))
      }, this.#limits.timeoutMs)
      // The probe's connection is there while it matters; without one, a check must not hold the process.
      timer.unref()
      const settle = (failure: Failure | undefined): void => {
        clearTimeout(timer)
        if (isLate) this.#hung--
        resolve(failure)
      }
      // In the executor of a promise, so that what is thrown before the first `await` is a failure as any other.
      new Promise((done) => done(this.#run({ signal: limit.signal }))).then(
        (value) =>
          settle(
            value === true ? undefined : { why: value === false ? 'not ready' : `answered ${typeof value}, not true` },
          ),
        (error) => settle({ why: 'failed', error }),
      )
    })
  }
}
