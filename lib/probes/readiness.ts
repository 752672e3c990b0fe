import { type Reason, reasonText } from '../hooks/reason.ts'
import { badOption } from '../options.ts'
import type { NamedChecks } from './named-checks.ts'
import { type ReadinessPolicy, staysReady } from './readiness-policy.ts'

/** What readiness depends on beside itself. */
export interface ReadinessSetup {
  readonly policy: ReadinessPolicy
  readonly inCluster: boolean
  /** What began the shutdown; undefined while running. */
  readonly reason: () => Reason | undefined
  readonly cutoff: AbortSignal
  /** What the pod's own object says; undefined where it is not known. */
  readonly deleted: () => boolean | undefined
  /** Others that are not ready, a line each: `child model: starting`. */
  readonly others: () => readonly string[]
}

/** An answer to `/readyz`. */
export interface ReadinessAnswer {
  readonly ready: boolean
  /** What it waits for, a line each. */
  readonly waitsFor: readonly string[]
}

/** Whether work may be sent here. */
export class Readiness {
  readonly #setup: ReadinessSetup
  readonly #checks: NamedChecks
  #isStarted = false
  /** Why not, as the app says; undefined where it says nothing. */
  #notReady: string | undefined = 'the start: ready() has not been called'

  constructor(setup: ReadinessSetup, checks: NamedChecks) {
    this.#setup = setup
    this.#checks = checks
  }

  /** Once, and for good. */
  get isStarted(): boolean {
    return this.#isStarted
  }

  /** In words, what began the shutdown; undefined while running. */
  get stopping(): string | undefined {
    const reason = this.#setup.reason()
    return reason && reasonText(reason)
  }

  ready(): void {
    this.#isStarted = true
    this.#notReady = undefined
  }

  notReady(reason: unknown): void {
    if (typeof reason !== 'string' || reason.trim() === '' || /\p{Cc}/u.test(reason)) {
      throw badOption(
        'notReady',
        'given a reason, a string of one line',
        reason,
        "Write notReady('loading the model').",
      )
    }
    this.#notReady = reason
  }

  async answer(): Promise<ReadinessAnswer> {
    const waitsFor = this.#notReady === undefined ? [] : [this.#notReady]
    if (!this.#setup.reason()) {
      const failures = await this.#checks.failures()
      // A shutdown may have begun in the meantime: then its policy answers.
      if (!this.#setup.reason()) waitsFor.push(...failures, ...this.#setup.others())
    }
    const reason = this.#setup.reason()
    if (!reason) return { ready: waitsFor.length === 0, waitsFor }
    // Nothing is asked any more: children and consumers end because we do, and so does what the checks look at.
    waitsFor.push(...this.#checks.lastFailures())
    const { policy, inCluster, deleted, cutoff } = this.#setup
    const stays = staysReady({ policy, reason, inCluster, deleted: deleted(), cutoff: cutoff.aborted })
    return { ready: stays && waitsFor.length === 0, waitsFor }
  }
}
