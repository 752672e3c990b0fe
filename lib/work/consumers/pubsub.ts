import { callAndWait } from '../../hooks/resources/call-and-wait.ts'
import { call, can, has, type Thing } from '../../hooks/resources/thing.ts'
import type { ConsumerShape, Intake } from './intake.ts'

type Message = Thing & { ack?: unknown; nack?: unknown }

/** A subscription of Google Pub/Sub. Its own `close` drops what is in hand, so that it would come a second time. */
class PubSubSubscription implements Intake {
  readonly #subscription: Thing & { emit?: unknown }
  readonly #inHand = new Set<Message>()
  /** Came too late, and are refused when nothing runs any more: refused earlier they would come back to us. */
  readonly #held: Message[] = []
  #stopping = false
  #forced = false
  #finished = 0
  #handedBack = 0
  #empty = (): void => {}

  constructor(subscription: Thing) {
    this.#subscription = subscription
    const emit = (subscription.emit as (...args: unknown[]) => unknown).bind(subscription)
    this.#subscription.emit = (event: unknown, ...args: unknown[]) => {
      if (event !== 'message') return emit(event, ...args)
      const message = args[0] as Message
      if (this.#stopping) return this.#held.push(message) > 0
      this.#watch(message)
      return emit(event, ...args)
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#inHand.size > 0) {
      await new Promise<void>((resolve) => {
        this.#empty = resolve
      })
    }
    await this.#close()
  }

  async force(): Promise<void> {
    this.#forced = true
    this.#handedBack = this.#inHand.size
    for (const message of this.#inHand) call(message, 'nack')
    this.#empty()
    await this.#close()
  }

  counts() {
    return { finished: this.#finished, handedBack: this.#handedBack }
  }

  release(): void {
    delete this.#subscription.emit
  }

  #close(): Promise<void> {
    for (const message of this.#held.splice(0)) call(message, 'nack')
    return callAndWait(this.#subscription, 'close')
  }

  #watch(message: Message): void {
    this.#inHand.add(message)
    for (const name of ['ack', 'nack', 'ackWithResponse', 'nackWithResponse'].filter((one) => can(message, one))) {
      const original = (message as Record<string, unknown>)[name] as (...args: unknown[]) => unknown
      Object.assign(message, {
        [name]: (...args: unknown[]) => {
          const result = Reflect.apply(original, message, args)
          if (this.#inHand.delete(message) && this.#stopping && !this.#forced) this.#finished++
          if (this.#inHand.size === 0) this.#empty()
          return result
        },
      })
    }
  }
}

export const PUBSUB: ConsumerShape = {
  what: '@google-cloud/pubsub subscription',
  kind: 'pubsub',
  how: 'subscription.close()',
  forced: '`message.nack()`',
  fate: 'is delivered again at once',
  looksLike: (subscription) =>
    can(subscription, 'close', 'on', 'emit', 'seek', 'modifyPushConfig') && has(subscription, 'isOpen'),
  intake: (subscription) => new PubSubSubscription(subscription),
}
