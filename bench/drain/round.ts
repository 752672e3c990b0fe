import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { chooser } from '../../test/soak/chooser.ts'
import { Connection, type Settled, type Target } from './connection.ts'
import { Tally } from './tally.ts'

/** The server under load, however it was started. */
export interface RunningServer {
  readonly port: number
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
  readonly exited: Promise<unknown>
}

/** Clients of one kind. */
export interface Crowd {
  readonly many: number
  /** One client: lives until the server has refused it, or has ended what it waits for. */
  readonly behave: (client: Client) => Promise<void>
}

/** How long a round may last after SIGTERM: what a server has not ended by then is killed, as a kubelet would. */
const PATIENCE_MS = 10_000
/** A SYN that was dropped four times comes again after 8 s more, and only then is refused. */
const SYN_MS = 20_000
const WARM_MS = 20_000

export interface RoundResult {
  readonly tally: Tally
  /** What was lost before SIGTERM: no doing of the stop's, and not in the tally. */
  readonly lostBefore: number
  /** From SIGTERM to the end of the process. */
  readonly exitMs: number
  readonly wasKilled: boolean
  /** The longest that the clients' own loop stood still since SIGTERM: a client with a pause was late by that much. */
  readonly stallMs: number
}

export interface RoundOptions {
  readonly crowds: readonly Crowd[]
  readonly isTls?: boolean
  /** The same seed draws the same moment for SIGTERM, and the same pauses. */
  readonly seed: number
  /** How long after all clients are warm SIGTERM is sent: between two numbers. @default [0, 100] */
  readonly momentMs?: readonly [number, number] | undefined
  /** From SIGTERM to SIGKILL. @default 10000 */
  readonly patienceMs?: number
}

/** Puts a server under load, sends SIGTERM at a random moment, and counts what the clients see until all of them end. */
export async function playRound(
  server: RunningServer,
  { crowds, isTls = false, seed, momentMs: [least, most] = [0, 100], patienceMs = PATIENCE_MS }: RoundOptions,
): Promise<RoundResult> {
  const round = new Round({ port: server.port, isTls }, seed)
  const clients = crowds.flatMap(({ many, behave }) =>
    Array.from({ length: many }, async () => {
      const client = new Client(round)
      await behave(client)
      if (!client.isWarm) throw new Error('a client ended before SIGTERM: the load is not what it claims to be')
    }),
  )
  const all = Promise.all(clients)
  all.catch(() => {})
  let hasEnded = false
  const exited = server.exited.then(() => {
    hasEnded = true
    round.gone()
  })
  try {
    await within(WARM_MS, 'served all clients', Promise.race([round.warm(clients.length), all]))
    await sleep(round.chance.between(least, most))
    if (hasEnded) throw new Error('the server ended before SIGTERM')
  } catch (error) {
    server.kill('SIGKILL')
    throw error
  }
  const stalls = monitorEventLoopDelay({ resolution: 5 })
  stalls.enable()
  const lostBefore = round.tally.forgetLost()
  const sentAt = performance.now()
  server.kill('SIGTERM')
  round.stopping()
  let wasKilled = false
  const patience = setTimeout(() => {
    wasKilled = true
    server.kill('SIGKILL')
  }, patienceMs)
  await exited
  clearTimeout(patience)
  const exitMs = performance.now() - sentAt
  await within(SYN_MS, 'ended all clients of a server that is gone', all)
  stalls.disable()
  return { tally: round.tally, lostBefore, exitMs, wasKilled, stallMs: stalls.max / 1e6 }
}

async function within(ms: number, what: string, done: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${ms} ms have not ${what}`)), ms)
  })
  await Promise.race([done, late]).finally(() => clearTimeout(timer))
}

/** What the clients of one round share. */
class Round {
  readonly tally = new Tally()
  readonly chance: ReturnType<typeof chooser>
  readonly stopped: Promise<void>
  /** What ends each client's pause; undefined when the server is gone. */
  pauses: Set<() => void> | undefined = new Set()
  stopping: () => void = () => {}
  readonly target: Target
  #cold = Number.POSITIVE_INFINITY
  #warmed = 0
  #allWarm: () => void = () => {}

  constructor(target: Target, seed: number) {
    this.target = target
    this.chance = chooser(seed)
    this.stopped = new Promise((resolve) => (this.stopping = resolve))
  }

  gone(): void {
    const pauses = this.pauses ?? []
    this.pauses = undefined
    for (const end of pauses) end()
  }

  warm(many: number): Promise<void> {
    this.#cold = many
    return new Promise((resolve) => {
      this.#allWarm = resolve
      this.oneWarm(0)
    })
  }

  oneWarm(many = 1): void {
    this.#warmed += many
    if (this.#warmed >= this.#cold) this.#allWarm()
  }
}

/** What one client can do; what it sees is counted. */
export class Client {
  readonly #round: Round
  isWarm = false

  constructor(round: Round) {
    this.#round = round
  }

  get tally(): Tally {
    return this.#round.tally
  }

  get target(): Target {
    return this.#round.target
  }

  /** SIGTERM has been sent. */
  get stopped(): Promise<void> {
    return this.#round.stopped
  }

  /** It is where SIGTERM may find it. */
  warm(): void {
    if (!this.isWarm) this.#round.oneWarm()
    this.isWarm = true
  }

  /** Waits between two numbers of milliseconds; no longer than the server lives. */
  async pause(least: number, most = least): Promise<void> {
    const ms = this.#round.chance.between(least, most)
    const { pauses } = this.#round
    if (!pauses) return
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        pauses.delete(end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      pauses.add(end)
    })
  }

  /** Tries until it has a connection; undefined when it was refused: nobody listens any more. */
  async open(target: Partial<Target> = {}): Promise<Connection | undefined> {
    for (;;) {
      const connection = await Connection.open({ ...this.target, ...target })
      if (connection instanceof Connection) return connection
      if (connection.how !== 'lost') {
        this.tally.count(connection.how)
        return undefined
      }
      this.tally.lose(connection.why)
    }
  }

  /** Counts what became of `many` requests; true while the connection may be used again. */
  settle(settled: Settled, many = 1): boolean {
    const lost = settled.how === 'lost' ? settled.many : 0
    this.tally.count('answered', many - lost)
    if (settled.how === 'lost') this.tally.lose(settled.why, lost)
    if (many > lost) this.warm()
    return settled.how === 'open'
  }
}
