import { type ProcessStat, statsNewestFirst } from '../find-linux.ts'
import { Spread } from '../spread.ts'

/** Every process, the newest first; undefined for one that ended between the listing and its turn. */
export type Stats = readonly (ProcessStat | undefined)[]

/** One reading of /proc for all who wait for one: a hundred trees that stop side by side need no hundred. */
export class SharedReading {
  #running: Promise<unknown> = Promise.resolve()
  #next: Promise<Stats> | undefined

  /** A reading that begins after this call: what it does not show had gone, or was not yet there. */
  take(): Promise<Stats> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined
      const reading = readAll()
      this.#running = reading.catch(() => {})
      return reading
    })
    return this.#next
  }
}

async function readAll(): Promise<Stats> {
  const spread = new Spread()
  const stats: (ProcessStat | undefined)[] = []
  for (const stat of statsNewestFirst()) {
    stats.push(stat)
    if (spread.isFull) await spread.nextTurn()
  }
  return stats
}
