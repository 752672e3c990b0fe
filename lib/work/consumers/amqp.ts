import { call, can, inside, member, type Thing } from '../../hooks/resources/thing.ts'
import type { ConsumerShape, Intake } from './intake.ts'

type Method = (...args: unknown[]) => unknown

/** A channel's messages that were handed to the app and are not yet acknowledged. */
class AmqpChannel implements Intake {
  readonly #channel: Thing
  readonly #methods: Readonly<Record<string, Method>>
  readonly #unacked = new Set<number>()
  /** Callbacks of consumers that acknowledge nothing. */
  readonly #noAck = new WeakSet<object>()
  /** Came too late, and are kept until they can all go back. */
  #held = 0
  #stopping = false
  #forced = false
  /** It, or its connection, is gone: what was in hand is in its queue again. */
  #closed = false
  #finished = 0
  #handedBack = 0
  #empty = (): void => {}

  constructor(channel: Thing) {
    this.#channel = channel
    const of = (name: string): Method => (member(channel, name) as Method).bind(channel)
    const original = {
      ...{ consume: of('consume'), dispatchMessage: of('dispatchMessage'), nackAll: of('nackAll') },
      ...{ ack: of('ack'), nack: of('nack'), reject: of('reject'), ackAll: of('ackAll') },
    }
    this.#methods = original
    const settling =
      (name: 'ack' | 'nack' | 'reject'): Method =>
      (message, ...rest) => {
        // It went back already: the broker would close the channel over a message that it does not know.
        if (this.#forced) return undefined
        const result = original[name](message, ...rest)
        this.#settle(Number(inside(message, 'fields', 'deliveryTag')), name !== 'reject' && rest[0] === true)
        return result
      }
    const settlingAll =
      (name: 'ackAll' | 'nackAll'): Method =>
      (...args) => {
        if (this.#forced) return
        original[name](...args)
        this.#settle(Infinity, true)
      }
    call(channel, 'once', 'close', this.#onClose)
    Object.assign(channel, {
      consume: (queue: unknown, callback: unknown, options: unknown, ...rest: unknown[]) => {
        if (inside(options, 'noAck') === true && typeof callback === 'function') this.#noAck.add(callback)
        return original.consume(queue, callback, options, ...rest)
      },
      dispatchMessage: (fields: unknown, message: unknown) => this.#dispatch(fields, message),
      ...{ ack: settling('ack'), nack: settling('nack'), reject: settling('reject') },
      ...{ ackAll: settlingAll('ackAll'), nackAll: settlingAll('nackAll') },
    })
  }

  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#closed) return
    const tags = [...consumersOf(this.#channel).keys()]
    const cancelled = Promise.allSettled(tags.map(async (tag) => call(this.#channel, 'cancel', tag)))
    const empty = new Promise<void>((resolve) => {
      this.#empty = resolve
    })
    if (this.#unacked.size === 0) this.#empty()
    await empty
    await cancelled
    if (this.#held > 0 && !this.#forced && !this.#closed) this.#methods.nackAll?.(true)
  }

  force(): void {
    if (this.#closed) return
    this.#forced = true
    this.#handedBack = this.#unacked.size
    if (this.#unacked.size + this.#held > 0) this.#methods.nackAll?.(true)
  }

  counts() {
    return { finished: this.#finished, handedBack: this.#handedBack }
  }

  release(): void {
    call(this.#channel, 'off', 'close', this.#onClose)
    for (const name of Object.keys(this.#methods)) delete (this.#channel as Record<string, unknown>)[name]
  }

  readonly #onClose = (): void => {
    this.#closed = true
    if (this.#stopping && !this.#forced) this.#handedBack = this.#unacked.size
    this.#unacked.clear()
    this.#empty()
  }

  #dispatch(fields: unknown, message: unknown): unknown {
    const consumer = consumersOf(this.#channel).get(String(inside(fields, 'consumerTag')))
    // Without an acknowledgement the broker has forgotten it: the only place where it is done is here.
    const isCounted = message !== null && !(consumer && this.#noAck.has(consumer))
    if (isCounted && this.#stopping) {
      this.#held++
      return undefined
    }
    if (isCounted) this.#unacked.add(Number(inside(fields, 'deliveryTag')))
    return this.#methods.dispatchMessage?.(fields, message)
  }

  #settle(tag: number, allUpTo: boolean): void {
    for (const one of allUpTo ? [...this.#unacked].filter((other) => other <= tag) : [tag]) {
      if (this.#unacked.delete(one) && this.#stopping) this.#finished++
    }
    if (this.#stopping && this.#unacked.size === 0) this.#empty()
  }
}

/** By their tags. Older versions keep them in an object. */
function consumersOf(channel: Thing): Map<string, object> {
  const consumers = member(channel, 'consumers') as Map<string, object> | Record<string, object>
  return consumers instanceof Map ? consumers : new Map(Object.entries(consumers))
}

export const AMQP: ConsumerShape = {
  what: 'amqplib channel, before its first `consume()`',
  kind: 'amqplib',
  how: 'channel.cancel()',
  forced: '`channel.nackAll()`',
  fate: 'is in its queue again, marked as redelivered',
  looksLike: (channel) => can(channel, 'assertQueue', 'consume', 'cancel', 'ack', 'nackAll', 'dispatchMessage'),
  intake: (channel) => new AmqpChannel(channel),
}
