import { type ClientRequest, get, type RequestOptions, type Server } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { deadlineFrom, monotonicNow } from '../../lib/clock/deadline.ts'
import type { Hook, HookContext } from '../../lib/hooks/hook.ts'
import type { LameDuckReport } from '../../lib/hooks/traffic-report.ts'
import { Drainables } from '../../lib/serving/drainables.ts'
import { LameDuck, type LameDuckSetup } from '../../lib/serving/lame-duck/lame-duck.ts'
import type { Times } from '../../lib/serving/lame-duck/times.ts'
import type { TestContext } from './suite.ts'

/** All times of these tests, in milliseconds; a pause of a noisy machine is far below the longest. */
export const SCALED = {
  lameDuckMs: 1_600,
  quietMs: 400,
  maxMs: 2_400,
  graceMs: 30_000,
  times: {
    ...{ windowMs: 15_000, knownMs: 400, aloneMs: 500, unseenMs: 30_000, tidyMs: 3_000, everyMs: 10 },
    ...{ pauseFactor: 2, rest: 0.02, most: 256 },
  } satisfies Times,
} as const

/** In the last milliseconds not even a rare source is expected any more: here it is, always. */
export const STRICT: Times = { ...SCALED.times, rest: 1e-6 }

export interface Duck {
  readonly duck: LameDuck
  /** Resolves with its report. */
  begin(): Promise<LameDuckReport>
}

/** A lame duck over a server, without a shutdown around it. */
export function lameDuckOf(t: TestContext, server: object, changes: Partial<LameDuckSetup> = {}): Duck {
  const { times, graceMs, ...options } = SCALED
  let hook: Hook | undefined
  const began = monotonicNow()
  const duck = new LameDuck({
    ...{ ...options, times, now: monotonicNow, stopping: new AbortController().signal },
    ...{ probes: { isProbe: undefined, isOurs: () => false }, isReady: () => true, beganAgoMs: () => 0 },
    ...{ deadline: () => deadlineFrom(began, graceMs), whyNot: () => undefined, mustEnd: () => undefined },
    add: (one) => {
      hook = one
      return () => {}
    },
    ...changes,
  })
  const drainables = new Drainables((drainable) => duck.watch(drainable))
  drainables.of(server)
  t.after(() => {
    duck.stop()
    drainables.releaseAll()
  })
  return {
    duck,
    begin: async () => {
      const context: Partial<HookContext> = {
        ...{ signal: new AbortController().signal, reason: { kind: 'signal', signal: 'SIGTERM' } },
        remainingMs: () => graceMs,
      }
      await hook?.run(context as HookContext)
      return hook?.findings?.().lameDuck as LameDuckReport
    },
  }
}

/** What a client saw of one request: its answer's status, or the code of an error. */
export interface Answer {
  readonly code: string
  readonly isLast: boolean
}

/** One request on a connection of its own, or of an agent, from an address of loopback. */
export function ask(port: number, from: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const given = { port, host: '127.0.0.1', localAddress: from, agent: false, ...options }
    const request: ClientRequest = get(given, (response) => {
      response.resume()
      response.once('close', () => {
        const isLast = response.headers.connection === 'close'
        resolve({ code: response.complete ? `${response.statusCode}` : 'cut', isLast })
      })
    })
    request.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ code: error.code ?? error.message, isLast: false }),
    )
  })
}

/** Sends at an even pace until it is stopped; knows what it was answered, and when it sent last. */
export class Steady {
  readonly answers: Answer[] = []
  lastAt = 0
  #isOver = false
  readonly over: Promise<void>

  constructor(t: TestContext, port: number, from: string, everyMs = 20, options: RequestOptions = {}) {
    t.after(() => this.stop())
    this.over = this.#run(port, from, everyMs, options)
  }

  stop(): void {
    this.#isOver = true
  }

  async #run(port: number, from: string, everyMs: number, options: RequestOptions): Promise<void> {
    while (!this.#isOver) {
      this.lastAt = monotonicNow()
      this.answers.push(await ask(port, from, options))
      await pause(everyMs)
    }
  }
}

/** Until the sources are known for long enough to be judged. */
export async function known(): Promise<void> {
  await pause(SCALED.times.aloneMs + 100)
}

export function requestListeners(server: Server): number {
  return server.listenerCount('request')
}
