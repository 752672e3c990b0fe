import type { Findings } from '../hooks/findings.ts'
import type { StopResult, Told } from '../process-tree/stop/stop-result.ts'
import { childFindings } from './child-findings.ts'
import type { ChildStop } from './child-host.ts'
import { type ChildEnd, endText, exitCodeOf, KILLED } from './life/child-end.ts'

/** What is kept of a child's last run, for whoever stopped it and for the report. */
export class ChildRecord {
  readonly #name: string
  #pid: number | undefined
  #end: ChildEnd | undefined
  #stop: StopResult | undefined
  #told: readonly Told[] = []
  #stoppingSince: number | undefined
  #overAt: number | undefined
  #fault: string | undefined

  constructor(name: string) {
    this.#name = name
  }

  /** A run begins; what the one before left is nobody's business any more. */
  begins(pid: number | undefined, end?: Promise<ChildEnd>): void {
    this.#pid = pid
    this.#end = undefined
    // At once: its tree may live on, and the report be written before that has gone.
    void end?.then((itsEnd) => {
      if (this.#pid === pid) this.#end ??= itsEnd
    })
    this.#stop = undefined
    this.#told = []
    this.#stoppingSince = undefined
    this.#overAt = undefined
  }

  stops(now: number): void {
    this.#stoppingSince = now
  }

  /** At once: where the time is over before its tree has gone, the report is written in the middle of the stop. */
  told(one: Told): void {
    this.#told = [...this.#told, one]
  }

  ended(end: ChildEnd, stop: StopResult | undefined, now: number): void {
    this.#end = end
    this.#stop = stop
    this.#overAt = now
  }

  /** It has come to an end that makes a shutdown unclean. */
  failed(why: string): void {
    this.#fault = `${this.#name} ${why}`
  }

  /** Of the child itself, its tree may live on. Undefined while it runs, and before its first run. */
  get end(): ChildEnd | undefined {
    return this.#end
  }

  get exitCode(): number {
    return this.#end ? exitCodeOf(this.#end) : 1
  }

  get endText(): string {
    return this.#end ? endText(this.#end) : 'it never ran'
  }

  get asStop(): ChildStop {
    const { code = null, signal = null } = this.#end ?? {}
    return { code, signal, killed: this.#stop?.killed ?? 0, durationMs: Math.round(this.#stop?.durationMs ?? 0) }
  }

  /**
   * Of a run that was over before the shutdown began nothing but its failure belongs into the report. `isKilled`: SIGKILL is
   * on its way to whoever is left.
   */
  findings(startedAt: number, isKilled: boolean): Findings {
    const faults = this.#fault === undefined ? [] : [this.#fault]
    const wasOver = this.#overAt !== undefined && this.#overAt <= startedAt
    if (this.#pid === undefined || (wasOver && faults.length === 0)) return { faults }
    const about = { name: this.#name, pid: this.#pid, end: this.#end ?? (isKilled ? KILLED : undefined) }
    const findings = childFindings(
      about,
      this.#stop ?? { told: this.#told },
      (this.#stoppingSince ?? startedAt) - startedAt,
    )
    return { ...findings, faults: [...faults, ...(findings.faults ?? [])] }
  }
}
