import type { ChildProcess } from 'node:child_process'
import { reserveMs } from '../../clock/deadline.ts'
import { startTimer } from '../../clock/timer.ts'
import { newCookie } from '../../process-tree/cookie.ts'
import { readStat } from '../../process-tree/find-linux.ts'
import { Members } from '../../process-tree/members.ts'
import type { SharedReading } from '../../process-tree/stop/shared-reading.ts'
import { stopTree } from '../../process-tree/stop/stop.ts'
import type { StopResult, Told } from '../../process-tree/stop/stop-result.ts'
import { clearTimeout, setTimeout } from '../../real-time.ts'
import type { DeadlineLine } from '../cascade/deadline-line.ts'
import type { LineReader } from '../plan/child-options.ts'
import type { ChildPlan } from '../plan/child-plan.ts'
import type { ChildEnd } from './child-end.ts'
import { prefixed, readOutput } from './output.ts'
import { whenReady } from './readiness.ts'
import { type Heritage, spawnChild } from './spawn.ts'

/** A reader that does not take the last lines: the longer time where the stop has left it, the shorter in any case. */
const LAST_LINES_MS = { most: 1_000, least: 200 }

/** How a run began. */
export type Beginning = 'ready' | 'ended' | 'late' | 'wanted'

/** How it is to end. */
export interface RunStop {
  readonly signal: NodeJS.Signals
  readonly timeoutMs: number
  readonly kill: AbortSignal
  readonly reading: SharedReading
  readonly onTold?: (told: Told) => void
}

/** One life of a child: from a start to the end of its whole tree. */
export class ChildRun {
  readonly process: ChildProcess
  readonly members: Members
  /** By which it learns its deadline; it lives as long as the tree. */
  readonly line: DeadlineLine | undefined
  /** Of the child itself; its tree may live on. */
  readonly end: Promise<ChildEnd>
  readonly #stepOver: readonly string[]
  readonly #readers: LineReader[]
  readonly #output: Promise<void>
  #ended: ChildEnd | undefined

  /** The error of a start that the kernel refused. */
  static async start(
    plan: ChildPlan,
    heritage: Heritage,
    onMessage: (message: unknown) => void,
  ): Promise<ChildRun | Error> {
    const cookie = newCookie()
    const { line } = heritage
    let process: ChildProcess | undefined
    try {
      process = spawnChild(plan, cookie, heritage)
    } catch (error) {
      // Node throws some of the kernel's answers, EPERM for a user id among them, and emits the others.
      return error as Error
    } finally {
      line?.handedDown()
      if (process?.pid === undefined) line?.close()
    }
    if (process.pid === undefined) return new Promise((resolve) => process.once('error', resolve))
    // A signal or a message that could not be sent: the child's end says more about it.
    process.on('error', () => {})
    // Whoever writes to one that has just crashed learns it by the write's callback; it must not cost the service.
    process.stdin?.on('error', () => {})
    if (plan.ipc) process.on('message', onMessage)
    return new ChildRun(process, cookie, plan, line)
  }

  private constructor(process: ChildProcess, cookie: string, plan: ChildPlan, line: DeadlineLine | undefined) {
    this.process = process
    this.line = line
    this.#stepOver = plan.stepOver
    const pid = process.pid as number
    // The child cannot be reaped before libuv has a turn, so its stat is there, if only as that of a zombie.
    this.members = new Members(readStat(pid) ?? { pid, startTime: 0 }, { cookie, ownGroup: true })
    this.end = new Promise((resolve) => {
      process.once('exit', (code, signal) => {
        this.#ended = { code, signal }
        resolve(this.#ended)
      })
    })
    this.#readers =
      typeof plan.output === 'function' ? [plan.output] : plan.output === 'prefix' ? [prefixed(plan.name)] : []
    this.#output = readOutput(process, this.#readers)
  }

  /** Waits until it is ready, has ended, is too late, or its end is wanted. */
  async begins(plan: ChildPlan, wanted: Promise<'wanted'>): Promise<Beginning> {
    const over = new AbortController()
    let stopTimer = (): void => {}
    const late = new Promise<'late'>((resolve) => {
      stopTimer = startTimer(plan.readyTimeoutMs, () => resolve('late'))
    })
    const ready = whenReady(plan.ready, this.process, (reader) => this.#readers.push(reader), over.signal)
    try {
      return await Promise.race([
        ready.then(() => 'ready' as const),
        this.end.then(() => 'ended' as const),
        late,
        wanted,
      ])
    } finally {
      stopTimer()
      over.abort()
    }
  }

  /** Undefined while it lives. */
  get ended(): ChildEnd | undefined {
    return this.#ended
  }

  /** What it wrote last is in the pipe when its tree has gone, and is waited for within what its stop has left. */
  async lastLines(leftMs: number): Promise<void> {
    const ms = Math.max(LAST_LINES_MS.least, Math.min(LAST_LINES_MS.most, leftMs))
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms)
    })
    await Promise.race([this.#output, late])
    clearTimeout(timer)
  }

  /** Ends the whole tree, and proves it empty. */
  async stop({ timeoutMs, kill, ...order }: RunStop): Promise<StopResult> {
    const stepOver = this.#stepOver
    // Before the signal: a lastcall in it must know its deadline when its shutdown begins.
    if (!kill.aborted) this.line?.announce(timeoutMs, { begins: true })
    // A lastcall in it has the first half of its reserve to report and to exit; then we see to its children.
    const halfReserve = reserveMs(timeoutMs) / 2
    const result = await stopTree(this.members, { ...order, timeoutMs, reserveMs: halfReserve, stepOver, kill })
    this.line?.close()
    if (result.survivors.length === 0) await this.end
    return result
  }
}
