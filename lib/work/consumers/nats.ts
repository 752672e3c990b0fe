import { call, can, member, type Thing } from '../../hooks/resources/thing.ts'
import { type ConsumerShape, type Intake, UNCOUNTED } from './intake.ts'

interface Kind {
  /** Ends the intake; resolves when the library is done with it. */
  readonly end: () => unknown
  /** Gives a message that came too late to somebody else; absent where nobody would deliver it again. */
  readonly giveBack?: (message: Thing) => unknown
}

/** Messages that the app takes in a loop, `for await`, or by a callback. */
class NatsMessages implements Intake {
  readonly #messages: Thing
  readonly #kind: Kind
  readonly #iterate: unknown
  #loop: Promise<void> | undefined
  #inHand = false
  #stopping = false
  #forced = false
  #finished = 0
  #handedBack = 0

  constructor(messages: Thing, kind: Kind) {
    this.#messages = messages
    this.#kind = kind
    this.#iterate = member(messages, Symbol.asyncIterator)
    Object.assign(messages, { [Symbol.asyncIterator]: () => this.#watched() })
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#kind.end()
    await this.#loop
  }

  force(): void {
    this.#forced = true
    this.#handedBack = Number(this.#inHand)
  }

  /** By a callback nobody sees when a message is done. */
  counts() {
    return this.#loop ? { finished: this.#finished, handedBack: this.#handedBack } : UNCOUNTED
  }

  release(): void {
    delete (this.#messages as Record<PropertyKey, unknown>)[Symbol.asyncIterator]
  }

  /** The app's loop: when it asks for the next message it is done with the one before. */
  #watched(): AsyncIterableIterator<unknown> {
    const inner = Reflect.apply(this.#iterate as () => AsyncIterator<unknown>, this.#messages, [])
    let over = (): void => {}
    this.#loop = new Promise((resolve) => {
      over = resolve
    })
    const done = (): void => {
      if (this.#inHand && this.#stopping && !this.#forced) this.#finished++
      this.#inHand = false
    }
    const next = async (): Promise<IteratorResult<unknown>> => {
      done()
      for (;;) {
        const got = await inner.next().catch((error: unknown) => {
          // `for await` asks no more, and does not say so either.
          over()
          throw error
        })
        if (got.done) over()
        else if (this.#stopping && this.#kind.giveBack) {
          await refuse(this.#kind.giveBack, got.value as Thing)
          continue
        }
        this.#inHand = !got.done
        return got
      }
    }
    const iterator: AsyncIterableIterator<unknown> = {
      next,
      return: async (value) => {
        done()
        over()
        return (await inner.return?.(value)) ?? { done: true, value }
      },
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }
}

/** Where the connection has gone, whoever holds it delivers it again by itself. */
async function refuse(giveBack: (message: Thing) => unknown, message: Thing): Promise<void> {
  try {
    await giveBack(message)
  } catch {}
}

const subscription: ConsumerShape = {
  what: 'nats subscription, before its loop',
  kind: 'nats',
  how: 'subscription.drain()',
  fate: 'is lost: NATS delivers at most once',
  looksLike: (sub) => can(sub, 'unsubscribe', 'drain', 'isDraining', 'getSubject'),
  // Closed by the app, it has nothing to drain, and says so by an error.
  intake: (sub) => new NatsMessages(sub, { end: () => (call(sub, 'isClosed') ? undefined : call(sub, 'drain')) }),
}

const jetStream: ConsumerShape = {
  what: 'nats JetStream messages, `await consumer.consume()`, before their loop',
  kind: 'nats-jetstream',
  how: 'messages.close()',
  fate: 'is not acknowledged, and delivered again after `ack_wait`',
  looksLike: (messages) => can(messages, 'close', 'status', 'getProcessed', 'getPending'),
  intake: (messages) =>
    new NatsMessages(messages, { end: () => call(messages, 'close'), giveBack: (message) => call(message, 'nak') }),
}

const connection: ConsumerShape = {
  what: 'nats connection, with all its subscriptions',
  kind: 'nats',
  how: 'connection.drain()',
  forced: '`connection.close()`',
  fate: 'is lost: NATS delivers at most once',
  looksLike: (nats) => can(nats, 'publish', 'subscribe', 'drain', 'isDraining', 'close'),
  intake: (nats) => ({
    stop: () => (call(nats, 'isClosed') ? undefined : call(nats, 'drain')),
    force: () => call(nats, 'close'),
    counts: () => UNCOUNTED,
  }),
}

export const NATS: readonly ConsumerShape[] = [subscription, jetStream, connection]
