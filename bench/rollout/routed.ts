import { setTimeout as sleep } from 'node:timers/promises'
import { chooser } from '../../test/soak/chooser.ts'
import { Connection } from '../drain/connection.ts'
import type { Tally } from '../drain/tally.ts'

const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'
const GET_ONCE = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
/** Whoever opens another connection comes back to this pod with its share. */
const REPLICAS = 5

/** A load: what each source does. */
export interface Load {
  readonly name: string
  readonly sources: number
  readonly run: (source: Routed) => Promise<void>
}

/** Somebody who routes to the pod, from an address of its own, until it has heard of the pod's end. */
export class Routed {
  readonly tally: Tally
  readonly chance: ReturnType<typeof chooser>
  readonly #port: number
  readonly #from: string
  /** New connections go here. */
  isRouted = true
  /** SIGTERM has been sent. */
  isStopping = false
  /** The pod is gone. */
  isOver = false

  constructor(port: number, n: number, tally: Tally, seed: number) {
    this.#port = port
    this.#from = `127.0.1.${n + 1}`
    this.tally = tally
    this.chance = chooser(seed * 1_000 + n)
  }

  async open(): Promise<Connection | undefined> {
    const connection = await Connection.open({ port: this.#port, from: this.#from })
    if (connection instanceof Connection) return connection
    if (connection.how === 'lost') this.tally.lose(connection.why)
    else this.tally.count(connection.how)
    return undefined
  }

  async once(): Promise<void> {
    const connection = await this.open()
    if (!connection) return
    await this.ask(connection, GET_ONCE)
    connection.finish()
  }

  /** Whether the connection may be used again. */
  async ask(connection: Connection, request = GET): Promise<boolean> {
    const settled = await connection.ask(request)
    if (settled.how === 'lost') this.tally.lose(settled.why)
    else this.tally.count('answered')
    return settled.how === 'open'
  }

  /** Told to go, it asks for another connection, which may be to somebody else. */
  get comesBack(): boolean {
    return this.isRouted && (!this.isStopping || this.chance.between(0, REPLICAS) < 1)
  }
}

export const LOADS: readonly Load[] = [
  {
    ...{ name: '10 sources, a connection for each of 200 requests/s', sources: 10 },
    run: async (source) => {
      while (source.isRouted && !source.isOver) {
        await source.once()
        await sleep(source.chance.between(10, 50))
      }
    },
  },
  {
    ...{ name: '6 sources, pools of 5 with 250 requests/s', sources: 6 },
    run: async (source) => {
      await Promise.all(Array.from({ length: 5 }, () => pooled(source)))
    },
  },
  {
    ...{ name: '8 sources, bursts of 10 twice a second', sources: 8 },
    run: async (source) => {
      while (source.isRouted && !source.isOver) {
        await Promise.all(Array.from({ length: 10 }, () => source.once()))
        await sleep(source.chance.between(300, 700))
      }
    },
  },
]

async function pooled(source: Routed): Promise<void> {
  let connection: Connection | undefined
  let isFirst = true
  while (!source.isOver) {
    if (!connection || connection.isOver) {
      if (!isFirst && !source.comesBack) return
      connection = await source.open()
      if (!connection) return
      isFirst = false
    }
    if (!(await source.ask(connection))) {
      connection.finish()
      connection = undefined
    }
    await sleep(source.chance.between(50, 150))
  }
}
