import type { IncomingMessage } from 'node:http'
import { clearTimeout, performance, setTimeout } from '../../real-time.ts'
import { type ApiRequest, readAll, send } from './api-request.ts'
import type { InCluster } from './in-cluster.ts'
import type { CallOutcome, CallReport } from './pod-report.ts'

/** What the API server answered. */
export interface Answer {
  readonly report: CallReport
  /** The body, where it said yes. */
  readonly object?: unknown
  /** Its own clock, in milliseconds of wall-clock time and whole seconds. */
  readonly date?: number | undefined
}

/** A request that was not answered as it should be. */
class Refused extends Error {
  readonly outcome: CallOutcome

  constructor(outcome: CallOutcome, why: string) {
    super(why)
    this.outcome = outcome
  }
}

export type Question = Omit<ApiRequest, 'signal'>

/** Asks, for at most `withinMs`, or until `over` aborts. Never rejects: whatever goes wrong is an outcome. */
export async function ask(
  cluster: InCluster,
  question: Question,
  over: AbortSignal,
  withinMs: number,
): Promise<Answer> {
  const startedAt = performance.now()
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), withinMs).unref()
  const tookMs = (): number => Math.round(performance.now() - startedAt)
  try {
    const answer = await sendWith(cluster, { ...question, signal: AbortSignal.any([over, limit.signal]) })
    const object: unknown = JSON.parse(await readAll(answer))
    const date = Date.parse(answer.headers.date ?? '')
    return { report: { outcome: 'answered', tookMs: tookMs() }, object, date: Number.isNaN(date) ? undefined : date }
  } catch (error) {
    const { outcome = 'failed', message } = error as Partial<Refused> & Error
    if (over.aborted) return { report: { outcome: 'asked', why: TOO_LATE, tookMs: tookMs() } }
    if (limit.signal.aborted) {
      return { report: { outcome: 'timed out', why: `no answer within ${Math.round(withinMs)} ms`, tookMs: tookMs() } }
    }
    return { report: { outcome, why: message, tookMs: tookMs() } }
  } finally {
    clearTimeout(timer)
  }
}

export const TOO_LATE = 'the shutdown was over before the answer came'

/** Resolves with a head that says yes; the reasons of any other are in its body. */
export async function sendWith(cluster: InCluster, request: ApiRequest): Promise<IncomingMessage> {
  const answer = await send(cluster, request)
  const status = answer.statusCode ?? 0
  if (status >= 200 && status < 300) return answer
  const why = `HTTP ${status}: ${messageIn(await readAll(answer).catch(() => ''))}`
  throw new Refused(OUTCOMES[status] ?? 'failed', why)
}

const OUTCOMES: Readonly<Record<number, CallOutcome>> = { 401: 'forbidden', 403: 'forbidden', 404: 'not found' }

/** A Status of the API has a `message`; a proxy in between says what it likes. */
function messageIn(text: string): string {
  try {
    const { message } = Object(JSON.parse(text))
    if (typeof message === 'string') return message.slice(0, 500)
  } catch {
    // No JSON.
  }
  return text.slice(0, 200)
}
