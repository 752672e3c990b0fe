import { call, can } from '../../hooks/resources/thing.ts'
import { type ConsumerShape, UNCOUNTED } from './intake.ts'

export const KAFKA: ConsumerShape = {
  what: 'kafkajs consumer',
  kind: 'kafkajs',
  how: 'consumer.stop(), consumer.disconnect()',
  fate: 'its offset is not committed: who gets the partition reads it again',
  looksLike: (consumer) => can(consumer, 'run', 'subscribe', 'commitOffsets', 'stop', 'disconnect'),
  intake: (consumer) => ({
    // It ends after the message at hand, commits, and leaves its group, so that others need not miss it first.
    stop: async () => {
      await call(consumer, 'stop')
      await call(consumer, 'disconnect')
    },
    counts: () => UNCOUNTED,
  }),
}
