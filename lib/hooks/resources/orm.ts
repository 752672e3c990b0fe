import type { Shape } from './shape.ts'
import { forceDriver } from './sql.ts'
import { call, can, has, inside, isThing, oneOf, type Thing, things } from './thing.ts'

const knex: Shape = {
  what: 'knex',
  how: 'knex.destroy()',
  forced: 'destroys the connections in use',
  looksLike: (knex) => can(knex, 'raw', 'transaction', 'destroy') && has(knex, 'client'),
  close: (knex) => call(knex, 'destroy'),
  // Its pool (tarn) waits for connections in use for ever.
  force: (knex) => things(inside(knex, 'client', 'pool', 'used')).map((used) => forceDriver(inside(used, 'resource'))),
}

const sequelize: Shape = {
  what: 'sequelize',
  how: 'sequelize.close()',
  forced: 'destroys the connections in use',
  looksLike: (sequelize) => can(sequelize, 'authenticate', 'define', 'close') && has(sequelize, 'connectionManager'),
  close: (sequelize) => call(sequelize, 'close'),
  // So does its own: destroyAllNow() means the idle ones. With replication there are two pools in one.
  force: (sequelize) => {
    const pool = inside(sequelize, 'connectionManager', 'pool')
    const pools = [pool, inside(pool, 'read'), inside(pool, 'write')]
    for (const used of pools.flatMap((one) => things(inside(one, '_inUseObjects'))))
      forceDriver(inside(used, 'resource'))
  },
}

const typeorm: Shape = {
  what: 'typeorm DataSource',
  how: 'dataSource.destroy() once its queries have ended',
  forced: "forces its driver's pool",
  looksLike: (source) => can(source, 'initialize', 'destroy', 'getRepository') && has(source, 'isInitialized'),
  // On PostgreSQL destroy() takes the connections from under running queries, which then fail.
  close: async (source) => {
    const pool = inside(source, 'driver', 'master')
    if (isThing(pool) && can(pool, 'on')) await everyRunnerReleased(source, pool)
    await call(source, 'destroy')
  },
  force: (source) => {
    const driver = inside(source, 'driver')
    const pools = [inside(driver, 'master'), inside(driver, 'pool'), ...things(inside(driver, 'slaves'))]
    pools.forEach(forceDriver)
  },
}

async function everyRunnerReleased(source: Thing, pool: Thing): Promise<void> {
  while (things(inside(source, 'driver', 'connectedQueryRunners')).length > 0) await oneOf(pool, 'release', 'remove')
}

const prisma: Shape = {
  what: '@prisma/client',
  how: 'prisma.$disconnect()',
  looksLike: (prisma) => can(prisma, '$disconnect'),
  close: (prisma) => call(prisma, '$disconnect'),
}

/** Query builders and mappers with a pool of their own. */
export const ORMS: readonly Shape[] = [knex, sequelize, typeorm, prisma]
