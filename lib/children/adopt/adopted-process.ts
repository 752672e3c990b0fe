import type { ChildProcess } from 'node:child_process'
import type { Findings } from '../../hooks/findings.ts'
import { readStat } from '../../process-tree/find-linux.ts'
import { type Member, Members } from '../../process-tree/members.ts'
import { stopTree } from '../../process-tree/stop/stop.ts'
import type { StopOptions, StopResult, Told } from '../../process-tree/stop/stop-result.ts'
import { tellDeadline } from '../cascade/tell-deadline.ts'
import { childFindings } from '../child-findings.ts'
import { type ChildEnd, KILLED } from '../life/child-end.ts'
import { LEFTOVERS_MS } from '../stop-times.ts'
import type { Keeper, KeeperHost, StopOrder } from './keeper.ts'

/** A process that somebody else started, with its whole tree; it may be in our own process group. */
export class AdoptedProcess implements Keeper {
  readonly over: Promise<ChildEnd>
  readonly #name: string
  readonly #child: ChildProcess
  readonly #pid: number
  readonly #signal: NodeJS.Signals
  readonly #host: KeeperHost
  readonly #members: Members
  readonly #end: Promise<ChildEnd>
  readonly #wanted: Promise<StopOrder>
  readonly #beforeStop: () => void
  #want = (_: StopOrder): void => {}
  #ended: ChildEnd | undefined
  #result: StopResult | undefined
  readonly #told: Told[] = []
  #stoppingSince: number | undefined
  #kill: AbortSignal | undefined
  readonly wasOver: boolean

  constructor(name: string, child: ChildProcess, stopSignal: NodeJS.Signals, host: KeeperHost, beforeStop = () => {}) {
    this.#beforeStop = beforeStop
    this.#name = name
    this.#child = child
    this.#pid = child.pid as number
    this.#signal = stopSignal
    this.#host = host
    // No cookie: the mark in its environment, if any, is the one that we have ourselves.
    const root = readStat(this.#pid) ?? { pid: this.#pid, startTime: 0 }
    this.#members = new Members(root, { cookie: undefined, ownGroup: false })
    this.#wanted = new Promise((resolve) => {
      this.#want = resolve
    })
    const { exitCode, signalCode } = child
    this.wasOver = exitCode !== null || signalCode !== null
    if (this.wasOver) {
      this.#ended = { code: exitCode, signal: signalCode }
      this.#end = Promise.resolve(this.#ended)
      this.over = this.#end
      return
    }
    this.#end = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#ended = { code, signal }
        resolve(this.#ended)
      })
    })
    host.started(this)
    this.over = this.#live()
  }

  get members(): Members {
    return this.#members
  }

  get killed(): number {
    return this.#result?.killed ?? 0
  }

  async stop(order: StopOrder): Promise<void> {
    if (!this.#ended) this.#beforeStop()
    this.#kill = order.kill
    this.#want(order)
    await this.over
  }

  findings(startedAt: number): Findings {
    const about = { name: this.#name, pid: this.#pid, end: this.#ended ?? (this.#kill?.aborted ? KILLED : undefined) }
    return childFindings(about, this.#result ?? { told: this.#told }, (this.#stoppingSince ?? startedAt) - startedAt)
  }

  /** Until its whole tree has gone, also where it ends by itself and leaves somebody behind. */
  async #live(): Promise<ChildEnd> {
    const order = await Promise.race([this.#end.then(() => undefined), this.#wanted])
    this.#stoppingSince = this.#host.now()
    if (order && !order.kill.aborted) tellDeadline(this.#child, order.limitMs)
    this.#result = await stopTree(this.#members, order ? this.#options(order) : this.#leftovers())
    if (this.#result.survivors.length === 0) await this.#end
    this.#host.over(this)
    return this.#ended ?? KILLED
  }

  #leftovers(): StopOptions {
    const kill = new AbortController()
    void this.#wanted.then((order) => {
      if (order.kill.aborted) kill.abort()
      order.kill.addEventListener('abort', () => kill.abort(), { once: true })
    })
    return { signal: this.#signal, timeoutMs: LEFTOVERS_MS, kill: kill.signal, reading: this.#host.reading }
  }

  /** In the foreground group of our terminal it got the Ctrl-C that began the shutdown, and is not told twice. */
  #options({ limitMs, kill, reason }: StopOrder): StopOptions {
    const onTold = (one: Told): void => void this.#told.push(one)
    const options = { timeoutMs: limitMs, kill, reading: this.#host.reading, onTold }
    const own = readStat(process.pid)
    const inForeground = own !== undefined && own.tpgid === own.pgid && readStat(this.#pid)?.pgid === own.pgid
    if (reason?.signal !== 'SIGINT' || !inForeground) return { ...options, signal: this.#signal }
    return { ...options, signal: 'SIGINT', alreadyTold: (member: Member) => member.pgid === own.pgid }
  }
}
