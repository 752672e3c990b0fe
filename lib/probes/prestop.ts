import { debugLog } from '../debug-log.ts'
import { badOption } from '../options.ts'
import type { Answer } from './answer.ts'
import type { ProbeRequest } from './probe-options.ts'

const debug = debugLog('probes')

/** The header of a `preStop` hook that holds the secret. */
export const SECRET_HEADER = 'lastcall-secret'
/** The kubelet asks once, and again when it was restarted. Whoever comes beyond that waits for nothing. */
const MOST_WAITING = 16

export interface PreStopSetup {
  /** Begins the shutdown, or joins the one that runs. */
  readonly begin: () => void
  /** Aborts when the phase preStop is over. */
  readonly over: AbortSignal
}

/** `/prestop`: begins the shutdown, and answers when its first phase is over. The kubelet sends its signal then. */
export class PreStop {
  readonly #setup: PreStopSetup
  #secret: string | undefined
  #waiting = 0
  #isOver = false

  constructor(setup: PreStopSetup) {
    this.#setup = setup
  }

  /** From here on every port demands it: one that did not would let in whom the others keep out. */
  demand(secret: string, where: string): void {
    if (this.#secret !== undefined && this.#secret !== secret) {
      const fix = 'Give both the same, or only one of them any.'
      throw badOption(`${where}.prestopSecret`, 'the secret that was given before', 'another one', fix)
    }
    this.#secret = secret
  }

  /** Nobody is there any more who could stop. */
  end(): void {
    this.#isOver = true
  }

  /** `left` aborts when the client has gone: the shutdown goes on. */
  async answer(request: ProbeRequest, isOpen: boolean, left: AbortSignal): Promise<Answer> {
    const refusal = this.#refusal(request, isOpen)
    if (refusal) {
      debug('/prestop refused: %s', refusal.says)
      return refusal
    }
    if (this.#isOver) return { status: 503, says: 'this shutdown was disposed of' }
    this.#setup.begin()
    if (this.#waiting >= MOST_WAITING) return { status: 429, says: 'stopping, and enough are waiting for it' }
    this.#waiting++
    await aborted([this.#setup.over, left])
    this.#waiting--
    return { status: 200, says: 'the phase preStop is over' }
  }

  #refusal({ method, headers }: ProbeRequest, isOpen: boolean): Answer | undefined {
    // HEAD promises to change nothing.
    if (method !== 'GET' && method !== 'POST') {
      return { status: 405, says: 'GET or POST', headers: { Allow: 'GET, POST' } }
    }
    const secret = this.#secret
    if (secret === undefined) {
      const says = 'refused: anybody could stop this service. Set prestopSecret, or ask the probeServer'
      return isOpen ? undefined : { status: 403, says }
    }
    return isSame(headers[SECRET_HEADER], secret)
      ? undefined
      : { status: 403, says: `refused: the header ${SECRET_HEADER} is missing or wrong` }
  }
}

/** In the same time whatever was given: the time of a plain comparison tells how much of it was right. */
function isSame(given: unknown, secret: string): boolean {
  const { createHash, timingSafeEqual } = process.getBuiltinModule('node:crypto')
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return typeof given === 'string' && timingSafeEqual(digest(given), digest(secret))
}

function aborted(signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    if (signals.some((signal) => signal.aborted)) return resolve()
    const off = new AbortController()
    for (const signal of signals) {
      signal.addEventListener(
        'abort',
        () => {
          off.abort()
          resolve()
        },
        { signal: off.signal },
      )
    }
  })
}
