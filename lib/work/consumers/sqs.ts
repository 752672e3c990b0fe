import { call, can, has, inside, type Thing } from '../../hooks/resources/thing.ts'
import type { ConsumerShape, Intake } from './intake.ts'

/** A consumer of sqs-consumer: it either asks the queue or handles what came, never both. */
class SqsConsumer implements Intake {
  readonly #consumer: Thing
  #inHand = 0
  #stopping = false
  #finished = 0
  #forced = false
  #ended = (): void => {}

  constructor(consumer: Thing) {
    this.#consumer = consumer
    for (const [event, listener] of this.#listeners) call(consumer, 'on', event, listener)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    // `abort` gives up the long poll that is open, but also a deletion: only where nothing is in hand.
    const idle = this.#inHand === 0
    const ended = new Promise<void>((resolve) => {
      this.#ended = resolve
    })
    call(this.#consumer, 'stop', { abort: idle })
    if (!idle) await ended
  }

  force(): void {
    this.#forced = true
  }

  counts() {
    return { finished: this.#finished, handedBack: this.#forced ? this.#inHand : 0 }
  }

  release(): void {
    for (const [event, listener] of this.#listeners) call(this.#consumer, 'off', event, listener)
  }

  readonly #onEnd = (): void => {
    this.#inHand--
    if (this.#stopping && !this.#forced) this.#finished++
  }

  readonly #listeners: readonly (readonly [string, (...args: never[]) => void])[] = [
    ['message_received', () => void this.#inHand++],
    ['message_processed', this.#onEnd],
    ['processing_error', this.#onEnd],
    ['timeout_error', this.#onEnd],
    [
      'response_processed',
      () => {
        // What failed in a way of its own is over, too.
        if (!this.#forced) this.#inHand = 0
        this.#ended()
      },
    ],
  ]
}

export const SQS: ConsumerShape = {
  what: 'sqs-consumer',
  kind: 'sqs-consumer',
  how: 'consumer.stop()',
  fate: 'is not deleted, and visible again after its visibility timeout',
  looksLike: (consumer) =>
    can(consumer, 'start', 'stop', 'on') &&
    has(consumer, 'sqs', 'queueUrl') &&
    inside(consumer, 'queueUrl') !== undefined,
  intake: (consumer) => new SqsConsumer(consumer),
}
