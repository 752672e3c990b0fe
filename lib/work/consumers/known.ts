import { LastcallError } from '../../errors.ts'
import { can, has, inside, isThing, type Thing } from '../../hooks/resources/thing.ts'
import { show } from '../../options.ts'
import { AMQP } from './amqp.ts'
import { BULLMQ } from './bullmq.ts'
import { GRAPHILE } from './graphile.ts'
import type { ConsumerShape } from './intake.ts'
import { KAFKA } from './kafka.ts'
import { NATS } from './nats.ts'
import { OWN } from './own.ts'
import { PG_BOSS } from './pg-boss.ts'
import { PUBSUB } from './pubsub.ts'
import { SCHEDULERS } from './schedulers.ts'
import { SQS } from './sqs.ts'

/** Every known consumer; the first that fits is taken. What is anybody's own comes last: many libraries have a `stop`. */
export const CONSUMERS: readonly ConsumerShape[] = [
  BULLMQ,
  PG_BOSS,
  GRAPHILE,
  KAFKA,
  AMQP,
  ...NATS,
  SQS,
  PUBSUB,
  ...SCHEDULERS,
  OWN,
]

/** Whether it is a library's consumer: what is anybody's own may be anything that has a `stop`. */
export function isConsumer(thing: Thing): boolean {
  return CONSUMERS.some((shape) => shape !== OWN && shape.looksLike(thing))
}

/** @throws {LastcallError} ERR_LASTCALL_CONSUMER */
export function consumerShapeOf(name: string, thing: unknown): ConsumerShape {
  const shape = isThing(thing) ? CONSUMERS.find(({ looksLike }) => looksLike(thing)) : undefined
  if (shape) return shape
  if (isThing(thing) && has(thing, 'stop')) {
    const wrong = can(thing, 'stop') ? 'force' : 'stop'
    throw new LastcallError(
      'ERR_LASTCALL_CONSUMER',
      `consumer ${show(name)}: ${wrong} must be a function, got ${show(inside(thing, wrong))}. ` +
        `Write { stop: async () => { … }, force: async () => { … } }; force may be left out.`,
    )
  }
  if (isThing(thing) && can(thing, 'listen', 'close')) {
    throw new LastcallError(
      'ERR_LASTCALL_CONSUMER',
      `consumer ${show(name)} takes something that fetches work by itself, got a server. ` +
        `Write shutdown.server(…, { name: ${show(name)} }): it is drained.`,
    )
  }
  const known = CONSUMERS.filter((one) => one !== OWN).map(({ what }) => what)
  throw new LastcallError(
    'ERR_LASTCALL_CONSUMER',
    `consumer ${show(name)} takes something that fetches work by itself, got ${show(thing)}. Looked for: ${known.join(', ')}. ` +
      `Write shutdown.consumer(${show(name)}, { stop: async () => { … }, force: async () => { … } }): stop takes no new job and resolves when the last one is done.`,
  )
}
