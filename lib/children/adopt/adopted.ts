import type { Findings } from '../../hooks/findings.ts'
import type { HookContext } from '../../hooks/hook.ts'
import type { ChildStop } from '../child-host.ts'
import type { ChildEnd } from '../life/child-end.ts'
import { STOP_MS } from '../stop-times.ts'
import type { AdoptedKind } from './adopt-options.ts'
import type { AdoptPlan } from './adopt-plan.ts'
import type { Keeper, StopOrder } from './keeper.ts'

/** The handle of a child that somebody else started. */
export interface Adopted {
  /** As it was given to `adopt`; the report has it, too. */
  readonly name: string
  /** What it was taken for. */
  readonly kind: AdoptedKind
  /** `running`, `stopping` or `gone`. */
  readonly state: 'running' | 'stopping' | 'gone'
  /** Stops it for good; within `stopTimeoutMs`, else 10 s, then by force. */
  stop(): Promise<ChildStop>
}

/** An adopted thing, from its adoption to its end. */
export class AdoptedThing implements Adopted {
  readonly kind: AdoptedKind
  readonly plan: AdoptPlan
  /** Whoever starts after it need not wait: it is there. */
  readonly ready = Promise.resolve()
  readonly over: Promise<ChildEnd>
  readonly #keeper: Keeper
  readonly #now: () => number
  readonly #kill = new AbortController()
  #state: Adopted['state'] = 'running'
  #stopped: Promise<ChildStop> | undefined

  constructor(kind: AdoptedKind, plan: AdoptPlan, keeper: Keeper, now: () => number) {
    this.kind = kind
    this.plan = plan
    this.#keeper = keeper
    this.#now = now
    if (keeper.wasOver) this.#state = 'gone'
    this.over = keeper.over.then((end) => {
      this.#state = 'gone'
      return end
    })
  }

  get name(): string {
    return this.plan.name
  }

  get state(): Adopted['state'] {
    return this.#state
  }

  /** Whether its end is our doing. */
  get wasStopped(): boolean {
    return this.#stopped !== undefined
  }

  stop(): Promise<ChildStop> {
    return this.#stopWith({ limitMs: this.plan.stopTimeoutMs ?? STOP_MS, kill: this.#kill.signal, reason: undefined })
  }

  /** Its hook in the phase `children`. */
  async stopInShutdown({ signal, remainingMs, reason }: HookContext): Promise<void> {
    signal.addEventListener('abort', () => this.#kill.abort(), { once: true })
    const left = remainingMs()
    const limitMs = Math.min(this.plan.stopTimeoutMs ?? left, left)
    await this.#stopWith({ limitMs, kill: this.#kill.signal, reason })
  }

  findings(startedAt: number): Findings {
    return this.#keeper.findings(startedAt)
  }

  #stopWith(order: StopOrder): Promise<ChildStop> {
    this.#stopped ??= this.#end(order)
    return this.#stopped
  }

  async #end(order: StopOrder): Promise<ChildStop> {
    const startedAt = this.#now()
    if (this.#state === 'running') this.#state = 'stopping'
    await this.#keeper.stop(order)
    const { code, signal } = await this.over
    return { code, signal, killed: this.#keeper.killed, durationMs: Math.round(this.#now() - startedAt) }
  }
}
