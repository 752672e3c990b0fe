import type { Shape } from './shape.ts'
import { SQL_DRIVERS } from './sql.ts'
import { call, can, has, inside, isThing, things } from './thing.ts'

const knex: Shape = {
  what: 'knex',
  how: 'knex.destroy()',
  forced: 'destroys the connections in use',
  looksLike: (knex) => can(knex, 'raw', 'transaction', 'destroy') && has(knex, 'client'),
  close: (knex) => call(knex, 'destroy'),
  // Its pool (tarn) waits for connections in use for ever.
  force: (knex) => {
    const client = inside(knex, 'client')
    if (!isThing(client) || !can(client, 'destroyRawConnection')) return
    for (const used of things(inside(client, 'pool', 'used')))
      call(client, 'destroyRawConnection', inside(used, 'resource'))
  },
}

const sequelize: Shape = {
  what: 'sequelize',
  how: 'sequelize.close()',
  forced: 'disconnects the connections in use',
  looksLike: (sequelize) => can(sequelize, 'authenticate', 'define', 'close') && has(sequelize, 'connectionManager'),
  close: (sequelize) => call(sequelize, 'close'),
  force: (sequelize) => {
    const manager = inside(sequelize, 'connectionManager')
    if (!isThing(manager) || !can(manager, 'disconnect')) return
    const pools = [inside(manager, 'pool'), inside(manager, 'pool', 'read'), inside(manager, 'pool', 'write')]
    for (const used of pools.flatMap((pool) => things(inside(pool, '_inUseObjects')))) call(manager, 'disconnect', used)
  },
}

const typeorm: Shape = {
  what: 'typeorm DataSource',
  how: 'dataSource.destroy()',
  forced: "forces its driver's pool",
  looksLike: (source) => can(source, 'initialize', 'destroy', 'getRepository') && has(source, 'isInitialized'),
  close: (source) => call(source, 'destroy'),
  force: (source) => {
    const driver = inside(source, 'driver')
    for (const pool of [
      ...things([inside(driver, 'master'), inside(driver, 'pool')]),
      ...things(inside(driver, 'slaves')),
    ]) {
      SQL_DRIVERS.find((shape) => shape.looksLike(pool))?.force?.(pool)
    }
  },
}

const prisma: Shape = {
  what: '@prisma/client',
  how: 'prisma.$disconnect()',
  looksLike: (prisma) => can(prisma, '$disconnect'),
  close: (prisma) => call(prisma, '$disconnect'),
}

/** Query builders and mappers with a pool of their own. */
export const ORMS: readonly Shape[] = [knex, sequelize, typeorm, prisma]
