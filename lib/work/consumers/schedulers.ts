import { call, can, has, inside, type Thing, things } from '../../hooks/resources/thing.ts'
import { setImmediate } from '../../real-time.ts'
import type { ConsumerShape, Intake } from './intake.ts'

/** Tasks of node-cron: one that was created, or all of the module. */
class CronTasks implements Intake {
  readonly #tasks: () => readonly Thing[]
  /** What runs of each task: by default it starts again while it still runs. */
  readonly #running = new Map<Thing, Set<unknown>>()
  readonly #offs: (() => void)[] = []
  #stopping = false
  #finished = 0
  #handedBack = 0
  #forced = false
  #empty = (): void => {}

  constructor(tasks: () => readonly Thing[]) {
    this.#tasks = tasks
    for (const task of tasks()) this.#watch(task)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    const tasks = this.#tasks()
    // Before the stop, which would make its state another one.
    for (const task of tasks) this.#watch(task)
    await Promise.all(tasks.map(async (task) => call(task, 'stop')))
    await new Promise<void>((resolve) => {
      this.#empty = resolve
      this.#look()
    })
  }

  force(): void {
    this.#forced = true
    this.#handedBack += this.#count()
  }

  counts() {
    return { finished: this.#finished, handedBack: this.#handedBack }
  }

  release(): void {
    for (const off of this.#offs) off()
  }

  #watch(task: Thing): void {
    if (this.#running.has(task)) return
    // One that runs already has an id that nobody has told us.
    const running = new Set<unknown>(call(task, 'getStatus') === 'running' ? [UNKNOWN] : [])
    this.#running.set(task, running)
    const started = (context: unknown): void => void running.add(inside(context, 'execution', 'id'))
    const ended = (context: unknown): void => {
      if (!running.delete(inside(context, 'execution', 'id')) && !running.delete(UNKNOWN)) return
      if (this.#stopping && !this.#forced) this.#finished++
      // The process of a task is killed by a listener of node-cron's that comes after ours.
      setImmediate(() => this.#look())
    }
    const listeners = [['execution:started', started] as const, ...ENDS.map((event) => [event, ended] as const)]
    for (const [event, listener] of listeners) {
      call(task, 'on', event, listener)
      this.#offs.push(() => call(task, 'off', event, listener))
    }
  }

  /** A task in a process of its own ends with that, which node-cron keeps for one of its runs alone. */
  #look(): void {
    if (!this.#stopping || this.#forced) return
    for (const [task, running] of this.#running) {
      if (!('forkProcess' in task) || task.forkProcess) continue
      this.#handedBack += running.size
      running.clear()
    }
    if (this.#count() === 0) this.#empty()
  }

  #count(): number {
    return [...this.#running.values()].reduce((sum, { size }) => sum + size, 0)
  }
}

const UNKNOWN = Symbol('an execution that ran before')
const ENDS = ['execution:finished', 'execution:failed']

/** Bree runs each job in a thread or process of its own. */
class Bree implements Intake {
  readonly #bree: Thing
  #finished = 0
  #handedBack = 0

  constructor(bree: Thing) {
    this.#bree = bree
  }

  async stop(): Promise<void> {
    // Its own stop() cancels what runs.
    for (const type of ['timeouts', 'intervals']) {
      for (const name of (this.#bree[type] as Map<string, unknown>).keys())
        call(this.#bree, 'removeSafeTimer', type, name)
    }
    if (this.#running() === 0) return
    await new Promise<void>((resolve) => {
      call(this.#bree, 'on', 'worker deleted', () => {
        if (this.#handedBack === 0) this.#finished++
        if (this.#running() === 0) resolve()
      })
    })
  }

  force(): unknown {
    this.#handedBack = this.#running()
    return call(this.#bree, 'stop')
  }

  counts() {
    return { finished: this.#finished, handedBack: this.#handedBack }
  }

  #running(): number {
    return Number(inside(this.#bree, 'workers', 'size'))
  }
}

const task: ConsumerShape = {
  what: 'node-cron task, or the module with all of its tasks',
  kind: 'node-cron',
  how: 'task.stop()',
  fate: 'is given up: nobody runs it again before its next time',
  looksLike: (thing) =>
    can(thing, 'stop', 'getStatus', 'getNextRun', 'on', 'off') || can(thing, 'schedule', 'validate', 'getTasks'),
  intake: (thing) => new CronTasks(() => (can(thing, 'getTasks') ? things(call(thing, 'getTasks')) : [thing])),
}

const bree: ConsumerShape = {
  what: 'bree',
  kind: 'bree',
  how: 'removes its timers',
  forced: '`bree.stop()`',
  fate: 'is told to cancel, and ends with the process',
  looksLike: (thing) =>
    can(thing, 'run', 'start', 'stop', 'removeSafeTimer') && has(thing, 'workers', 'timeouts', 'intervals'),
  intake: (thing) => new Bree(thing),
}

export const SCHEDULERS: readonly ConsumerShape[] = [task, bree]
