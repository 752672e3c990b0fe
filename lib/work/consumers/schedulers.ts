import { call, can, has, inside, type Thing, things } from '../../hooks/resources/thing.ts'
import type { ConsumerShape, Intake } from './intake.ts'

/** Tasks of node-cron: one that was created, or all of the module. */
class CronTasks implements Intake {
  readonly #tasks: () => readonly Thing[]
  #running = 0
  #finished = 0
  #forced = false

  constructor(tasks: () => readonly Thing[]) {
    this.#tasks = tasks
  }

  async stop(): Promise<void> {
    const tasks = this.#tasks()
    // Before the stop, which would make its state another one.
    const ends = tasks.filter((task) => call(task, 'getStatus') === 'running').map((task) => this.#end(task))
    await Promise.all(tasks.map(async (task) => call(task, 'stop')))
    await Promise.all(ends)
  }

  force(): void {
    this.#forced = true
  }

  counts() {
    return { finished: this.#finished, handedBack: this.#forced ? this.#running : 0 }
  }

  #end(task: Thing): Promise<void> {
    this.#running++
    return new Promise((resolve) => {
      const ended = (): void => {
        for (const event of ENDS) call(task, 'off', event, ended)
        if (!this.#forced) this.#running--
        this.#finished += this.#forced ? 0 : 1
        resolve()
      }
      for (const event of ENDS) call(task, 'on', event, ended)
    })
  }
}

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
