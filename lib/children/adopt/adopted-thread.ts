import type { Worker } from 'node:worker_threads'
import type { Findings } from '../../hooks/findings.ts'
import { setTimeout } from '../../real-time.ts'
import type { ChildEnd } from '../life/child-end.ts'
import type { AdoptPlan } from './adopt-plan.ts'
import type { Keeper, StopOrder } from './keeper.ts'
import { openThreadChannel } from './thread-channel.ts'

/** How long a thread that never said that it has lastcall gets to say so: its event loop may be at work. */
const ANSWER_MS = 250

/** A worker thread. No signal reaches it: it is asked, or terminated. */
export class AdoptedThread implements Keeper {
  readonly over: Promise<ChildEnd>
  readonly wasOver: boolean
  killed = 0
  readonly #worker: Worker
  readonly #plan: AdoptPlan
  readonly #now: () => number
  /** That of a thread that has ended is -1. */
  readonly #threadId: number
  readonly #channel: ReturnType<typeof openThreadChannel>
  #answered = (): void => {}
  readonly #answer = new Promise<void>((resolve) => {
    this.#answered = resolve
  })
  #hasLastcall = false
  #end: ChildEnd | undefined
  #toldAt: number | undefined
  #durationMs = 0

  constructor(worker: Worker, plan: AdoptPlan, now: () => number) {
    this.#worker = worker
    this.#plan = plan
    this.#now = now
    this.#threadId = worker.threadId
    this.#channel = openThreadChannel(worker.threadId, ({ lastcall }) => {
      if (lastcall !== 'here' && lastcall !== 'stopping') return
      this.#hasLastcall = true
      this.#answered()
    })
    this.wasOver = worker.threadId === -1
    this.over = new Promise((resolve) => {
      const ended = (code: number): void => {
        this.#channel.close()
        this.#end = { code, signal: null }
        resolve(this.#end)
      }
      if (this.wasOver) ended(0)
      else worker.once('exit', ended)
    })
    if (!this.#end) this.#channel.say({ lastcall: 'who' })
  }

  async stop({ limitMs, kill }: StopOrder): Promise<void> {
    if (this.#end) return
    const startedAt = this.#now()
    const limit = AbortSignal.any([kill, AbortSignal.timeout(Math.max(0, Math.floor(limitMs)))])
    const isAsked = await this.#ask(limitMs, limit)
    if (isAsked) await Promise.race([this.over, aborted(limit)])
    if (!this.#end) {
      if (isAsked) this.killed = 1
      await this.#worker.terminate()
      await this.over
    }
    this.#durationMs = this.#now() - startedAt
  }

  findings(startedAt: number): Findings {
    const { name } = this.#plan
    const threadId = this.#threadId
    const about = { pid: process.pid, name: `thread ${threadId}` }
    const told = this.#toldAt === undefined ? [] : [{ ...about, atMs: Math.round(this.#toldAt - startedAt) }]
    // A code other than 0 of one that was to end by itself: its lastcall had something to complain of.
    const code = this.#end?.code ?? null
    const isUnclean = this.#hasLastcall && this.#toldAt !== undefined && this.killed === 0 && code !== 0
    return {
      children: [
        {
          ...{ name, pid: process.pid, threadId, code, signal: null, told, killed: this.killed },
          durationMs: Math.round(this.#durationMs),
        },
      ],
      faults: [
        ...(this.killed > 0 ? [`thread ${threadId} of ${name} had to be terminated`] : []),
        ...(isUnclean ? [`thread ${threadId} of ${name} ended with code ${code}`] : []),
      ],
    }
  }

  /** Whether there is somebody who can end the thread well, and was told. */
  async #ask(limitMs: number, limit: AbortSignal): Promise<boolean> {
    // Its limit is our own: only who has not ended by then is terminated.
    this.#channel.say({ lastcall: 'stop', limitMs })
    this.#toldAt = this.#now()
    if (!this.#hasLastcall) await Promise.race([this.#answer, this.over, aborted(limit), timeout(ANSWER_MS)])
    if (this.#hasLastcall || this.#end) return true
    if (this.#plan.message !== undefined) this.#worker.postMessage(this.#plan.message)
    else this.#toldAt = undefined
    return this.#plan.message !== undefined
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function timeout(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
