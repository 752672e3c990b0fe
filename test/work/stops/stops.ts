import process from 'node:process'
import { parseArgs } from 'node:util'
import { chooser } from '../../soak/chooser.ts'
import { type Exited, startApp } from '../../support/app.ts'
import { can } from '../../support/can.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

/** A job under test: how long it works. */
export interface JobData {
  readonly id: number
  readonly ms: number
}

/** A queue of a server of the test's own, and whoever works on it. */
export interface QueueSystem {
  /** The app whose worker is stopped, and what it is started with. */
  readonly app: string
  args(queue: string): readonly string[]
  add(queue: string, jobs: readonly JobData[]): Promise<unknown>
  /** What the jobs said, in order: `start 3`, `late 3`, `cut 3`, `done 3`. */
  notes(queue: string): Promise<readonly string[]>
  /** Works off what is left, until `isOver`. A job says what it says as in the app. */
  finish(queue: string, isOver: () => Promise<unknown>): Promise<void>
  /** Jobs that are in the queue when each has been done: given up for good, or lost. */
  left(queue: string): Promise<number>
}

/** What happened in one stop, and what is wrong with it. */
interface Stop {
  readonly faults: readonly string[]
  readonly handedBack: number
  readonly finished: number
  /** Handed back on their last line: done, and done again. */
  readonly twice: number
}

/** Of all that are handed back, at most so many may have been on their last line: it takes moments of up to 3 s. */
const MOST_TWICE = 0.05
const JOBS = 12
/** Most of a stop is waiting. */
const SIDE_BY_SIDE = 10
/** In `npm test`; `node --import tsx test/work/stops/NAME.test.ts --rounds 50` plays more. */
const { values } = parseArgs({ strict: false, options: { rounds: { type: 'string' }, seed: { type: 'string' } } })
const ROUNDS = Number(values.rounds ?? 12)
const FIRST_SEED = Number(values.seed ?? 1)

/** Stops a worker at random moments, jobs of 0 to 3 s under way, and proves that each is done once, none late. */
export function testStops(
  what: string,
  open: (t: TestContext) => Promise<QueueSystem>,
  skip: string | false | undefined,
): void {
  test(
    `${ROUNDS} stops of a ${what} at random moments: each job is done once or handed back, none is lost, none starts late`,
    async (t) => {
      const system = await open(t)
      const stops: Stop[] = []
      let seed = FIRST_SEED
      const work = async (): Promise<void> => {
        while (seed < FIRST_SEED + ROUNDS) stops.push(await stopOnce(t, system, seed++))
      }
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work))
      const sum = (key: 'finished' | 'handedBack' | 'twice'): number =>
        stops.reduce((total, stop) => total + stop[key], 0)
      console.log(
        `${stops.length} stops: ${sum('finished')} jobs finished after it, ${sum('handedBack')} handed back, ` +
          `${sum('twice')} of these on their last line`,
      )
      const faults = stops.flatMap((stop) => stop.faults)
      if (faults.length > 0) throw new Error(faults.join('\n'))
      if (sum('twice') > Math.max(1, MOST_TWICE * sum('handedBack')))
        throw new Error(`${sum('twice')} jobs were done twice`)
      if (sum('finished') === 0 || sum('handedBack') === 0) throw new Error('no job was under way: nothing was tested')
    },
    { limitMs: 60_000 + 4_000 * ROUNDS, skip: skip || can.linux() },
  )
}

async function stopOnce(t: TestContext, system: QueueSystem, seed: number): Promise<Stop> {
  const { between } = chooser(seed)
  const queue = `jobs-${seed}`
  await system.add(
    queue,
    Array.from({ length: JOBS }, (_, id) => ({ id, ms: between(0, 3_000) })),
  )
  const options = { terminationGracePeriodSeconds: between(1, 4) }
  const app = await startApp(t, system.app, { args: [...system.args(queue)], options })
  // The test's own choice of a moment, not a wait for something.
  await new Promise((resolve) => setTimeout(resolve, between(0, 2_500)))
  app.kill('SIGTERM')
  const exited = await app.exited
  const atExit = count(await system.notes(queue))
  const allDone = async () => count(await system.notes(queue)).done.size === JOBS
  try {
    await system.finish(queue, () => until(`all jobs of ${queue} are done`, allDone, Boolean, { limitMs: 25_000 }))
  } catch (error) {
    const notes = await system.notes(queue)
    return {
      faults: [`seed ${seed}: ${String(error)}\n${notes.join(', ')}\n${exited.stderr}`],
      ...{ handedBack: 0, finished: 0, twice: 0 },
    }
  }
  const atEnd = count(await system.notes(queue))
  const faults = faultsOf(exited, atExit, atEnd, await system.left(queue))
  const [consumer] = exited.report.consumers
  return {
    faults: faults.map((fault) => `seed ${seed}: ${fault}`),
    handedBack: consumer?.handedBack ?? 0,
    finished: consumer?.finished ?? 0,
    twice: [...atEnd.done.values()].filter((times) => times > 1).length,
  }
}

type Counted = Readonly<Record<'start' | 'late' | 'cut' | 'done', ReadonlyMap<string, number>>>

function count(notes: readonly string[]): Counted {
  const counted = { start: new Map(), late: new Map(), cut: new Map(), done: new Map() }
  for (const note of notes) {
    const [what, id = ''] = note.split(' ')
    const map = counted[what as keyof typeof counted]
    map.set(id, (map.get(id) ?? 0) + 1)
  }
  return counted
}

function faultsOf({ code, report, stderr }: Exited, atExit: Counted, atEnd: Counted, left: number): string[] {
  const consumer = report.consumers[0]
  const cut = atExit.cut.size
  const unended = [...atExit.start.keys()].filter((id) => !atExit.done.has(id)).length
  const twice = [...atEnd.done].filter(([, times]) => times > 1).map(([id]) => id)
  const handedBack = consumer?.handedBack ?? 0
  return [
    ...(atEnd.late.size > 0 ? [`${atEnd.late.size} jobs started late`] : []),
    // A job may be on its last line when it is handed back, and no queue can know: then it is done, and done again.
    ...(twice.length !== handedBack - unended ? [`jobs ${twice} were done twice, ${handedBack} handed back`] : []),
    ...(left > 0 ? [`${left} jobs are left in the queue`] : []),
    ...(handedBack < unended
      ? [`${handedBack} handed back, and ${unended} had begun without an end (${cut} cut)`]
      : []),
    ...(code !== (handedBack > 0 ? 143 : 0) ? [`exit code ${code}, ${report.verdict}`] : []),
    ...(/rror(?!: a job was fetched when)/.test(stderr) ? [`stderr: ${stderr}`] : []),
  ]
}

if (values.rounds !== undefined) console.log(`${ROUNDS} rounds on ${process.version}`)
