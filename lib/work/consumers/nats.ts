import { call, can, type Thing } from '../../hooks/resources/thing.ts'
import { type ConsumerShape, type Intake, UNCOUNTED } from './intake.ts'

/** Messages handed to the app's loop since the stop. */
class NatsMessages implements Intake {
  readonly #messages: Thing
  readonly #end: () => unknown
  #before = 0

  constructor(messages: Thing, end: () => unknown) {
    this.#messages = messages
    this.#end = end
  }

  stop(): unknown {
    this.#before = this.#processed()
    return this.#end()
  }

  counts() {
    return { finished: this.#processed() - this.#before, handedBack: null }
  }

  #processed(): number {
    return Number(can(this.#messages, 'getProcessed') ? call(this.#messages, 'getProcessed') : 0)
  }
}

const subscription: ConsumerShape = {
  what: 'nats subscription',
  kind: 'nats',
  how: 'subscription.drain()',
  fate: 'is lost: NATS delivers at most once',
  looksLike: (sub) => can(sub, 'unsubscribe', 'drain', 'isDraining', 'getSubject'),
  // Closed by the app, it has nothing to drain, and says so by an error.
  intake: (sub) => new NatsMessages(sub, () => (call(sub, 'isClosed') ? undefined : call(sub, 'drain'))),
}

const jetStream: ConsumerShape = {
  what: 'nats JetStream messages: `await consumer.consume()`',
  kind: 'nats-jetstream',
  how: 'messages.close()',
  fate: 'is not acknowledged, and delivered again after `ack_wait`',
  looksLike: (messages) => can(messages, 'close', 'status', 'getProcessed', 'getPending'),
  intake: (messages) => new NatsMessages(messages, () => call(messages, 'close')),
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
