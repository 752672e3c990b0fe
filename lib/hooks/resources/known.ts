import { BROKERS } from './broker.ts'
import { MONGO } from './mongo.ts'
import { NODE } from './node.ts'
import { ORMS } from './orm.ts'
import { POOLS } from './pool.ts'
import { REDIS } from './redis.ts'
import type { Shape } from './shape.ts'
import { SQL_DRIVERS } from './sql.ts'
import { TELEMETRY } from './telemetry.ts'

/** Every known shape; the first that fits is taken. */
export const KNOWN: readonly Shape[] = [
  ...SQL_DRIVERS,
  ...ORMS,
  ...REDIS,
  ...MONGO,
  ...BROKERS,
  ...POOLS,
  ...TELEMETRY,
  ...NODE,
]
