import process from 'node:process'
import { keepAlive, newEachTime } from '../../../bench/drain/clients/asking.ts'
import { playRound } from '../../../bench/drain/round.ts'
import { startServer } from '../../../bench/drain/start-server.ts'

/** What the clients of one server saw, so far. */
export interface Loss {
  readonly title: string
  /** From SIGTERM, in milliseconds: to now, or to its end. */
  readonly ranMs: number
  /** Undefined while it runs. */
  readonly end?: {
    /** Requests whose clients had a connection, and read no whole answer. */
    readonly lost: number
    /** Those and the answered ones, from the first client on. */
    readonly asked: number
    readonly wasKilled: boolean
  }
}

/** Of the libraries in bench/drain.ts the one that loses least. */
export const BEST_PEER = 'http-graceful-shutdown'

const DRAINS = [
  { title: 'server.close()', drain: 'close' },
  { title: 'best library', drain: BEST_PEER },
  { title: 'lastcall', drain: 'lastcall' },
]
const CLIENTS = 50
const LOOK_MS = 50

/** One after the other, so that none of them takes the processor from another; `look` sees them again and again. */
export async function stopUnderLoad(graceMs: number, look: (soFar: readonly Loss[]) => void): Promise<readonly Loss[]> {
  const losses: Loss[] = []
  for (const { title, drain } of DRAINS) {
    losses.push(await stopOne(title, drain, graceMs, (loss) => look([...losses, loss])))
    look(losses)
  }
  return losses
}

async function stopOne(title: string, drain: string, graceMs: number, look: (loss: Loss) => void): Promise<Loss> {
  const server = await startServer(drain, { protocol: 'http', handlerMs: 20 })
  let toldAt: number | undefined
  const kill = (signal: 'SIGTERM' | 'SIGKILL'): void => {
    toldAt ??= performance.now()
    server.kill(signal)
  }
  const killOnExit = (): void => server.kill('SIGKILL')
  process.once('exit', killOnExit)
  const looking = setInterval(() => {
    if (toldAt !== undefined) look({ title, ranMs: performance.now() - toldAt })
  }, LOOK_MS)
  const ended = server.exited.then(() => clearInterval(looking))
  try {
    const crowds = [keepAlive(), newEachTime].map((behave) => ({ many: CLIENTS, behave }))
    const round = { crowds, seed: 1, patienceMs: graceMs }
    const { tally, exitMs, wasKilled } = await playRound({ ...server, kill }, round)
    return { title, ranMs: exitMs, end: { lost: tally.lost, asked: tally.lost + tally.answered, wasKilled } }
  } finally {
    killOnExit()
    await ended
    process.off('exit', killOnExit)
  }
}
