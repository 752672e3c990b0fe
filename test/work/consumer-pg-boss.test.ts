import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import PgBoss from 'pg-boss'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { startDatabases } from '../support/databases.ts'
import { postgresIsAbsent } from '../support/postgres.ts'
import { type TestContext, test } from '../support/suite.ts'

const skip = postgresIsAbsent()

async function open(t: TestContext, seconds = 30) {
  const { server, create } = await startDatabases(t)
  await create('jobs')
  const connection = { ...server, database: 'jobs' }
  const boss = new PgBoss({ ...connection, max: 2, supervise: false, schedule: false })
  boss.on('error', () => {})
  await boss.start()
  // Where a test fails: its workers would poll for ever.
  t.after(() => boss.stop({ graceful: false }))
  await boss.createQueue('jobs')
  const shutdown = createShutdown({ exit: false, logger: () => {}, terminationGracePeriodSeconds: seconds })
  t.after(() => shutdown.dispose())
  const pool = new pg.Pool({ ...connection, max: 1 })
  t.after(() => pool.end())
  const states = async () => {
    const { rows } = await pool.query('select state from pgboss.job order by created_on')
    return rows.map(({ state }) => state)
  }
  return { boss, shutdown, states, pool }
}

test(
  'pg-boss: what ended is written down before the pool is closed, and jobs can be sent until then',
  async (t) => {
    const { boss, shutdown, states } = await open(t)
    shutdown.consumer('jobs', boss)
    shutdown.resource('pg-boss', boss)
    let finish = (): void => {}
    const running = new Promise<void>((resolve) => {
      void boss.work('jobs', { pollingIntervalSeconds: 0.5 }, () => {
        resolve()
        return new Promise<void>((end) => {
          finish = end
        })
      })
    })
    await boss.send('jobs', {})
    await running
    shutdown.hook(
      'a request',
      async () => {
        finish()
        await boss.send('jobs', {})
      },
      { phase: 'drain' },
    )
    const report = await shutdown.begin('test')
    assert.equal(await states(), ['completed', 'created'])
    assert.equal(report.consumers, [{ name: 'jobs', kind: 'pg-boss', finished: 1, handedBack: 0, forced: false }])
    assert.equal(
      [report.outcome, report.hooks.find(({ name }) => name === 'pg-boss')?.how],
      ['clean', 'boss.stop({ graceful: false })'],
    )
  },
  { skip },
)

test(
  'pg-boss: a job that was fetched when the workers were told to stop never starts, and one at the limit is tried again',
  async (t) => {
    const { boss, shutdown, states } = await open(t)
    const off = shutdown.consumer('jobs', boss, { timeoutMs: 1_000 })
    assert.is(shutdown.consumer('again', boss), off)
    shutdown.resource('pg-boss', boss)
    let started = 0
    // Two workers poll; the first job that starts begins the shutdown while the other's fetch may be under way.
    for (let worker = 0; worker < 2; worker++) {
      await boss.work('jobs', { pollingIntervalSeconds: 0.5 }, () => {
        started++
        void shutdown.begin('test')
        return new Promise(() => {})
      })
    }
    // Its timer holds the event loop for as long.
    await boss.send('jobs', {}, { expireInSeconds: 3 })
    await new Promise<void>((resolve) => shutdown.stopping.addEventListener('abort', () => resolve()))
    const report = await shutdown.begin()
    assert.equal([started, await states()], [1, ['retry']])
    assert.equal(report.consumers, [{ name: 'jobs', kind: 'pg-boss', finished: 0, handedBack: 1, forced: true }])
  },
  { skip },
)

for (const [what, unwind, counts, state] of [
  ['is on its last line at the limit is done once', () => {}, { finished: 1, handedBack: 0 }, 'completed'],
  [
    'gives up at the cutoff is tried again',
    () => Promise.reject(new Error('cut')),
    { finished: 0, handedBack: 1 },
    'retry',
  ],
] as const) {
  test(
    `pg-boss: a job that ${what}`,
    async (t) => {
      const { boss, shutdown, states } = await open(t, 2)
      shutdown.consumer('jobs', boss)
      shutdown.resource('pg-boss', boss)
      const running = new Promise<void>((resolve) => {
        void boss.work('jobs', { pollingIntervalSeconds: 0.5 }, async () => {
          resolve()
          await new Promise((atCutoff) => shutdown.cutoff.addEventListener('abort', atCutoff))
          await unwind()
        })
      })
      await boss.send('jobs', {})
      await running
      const report = await shutdown.begin('test')
      assert.equal(await states(), [state])
      assert.equal(report.consumers, [{ name: 'jobs', kind: 'pg-boss', ...counts, forced: true }])
    },
    { skip },
  )
}

test(
  'pg-boss: a job whose end the database does not take counts as handed back',
  async (t) => {
    const { boss, shutdown, pool } = await open(t, 2)
    shutdown.consumer('jobs', boss)
    await boss.work('jobs', { pollingIntervalSeconds: 0.5 }, async () => {
      void shutdown.begin('test')
      await pool.query('alter table pgboss.job rename to gone')
    })
    await boss.send('jobs', {})
    await new Promise<void>((resolve) => shutdown.stopping.addEventListener('abort', () => resolve()))
    const { consumers, outcome } = await shutdown.begin()
    assert.equal([consumers[0]?.finished, consumers[0]?.handedBack, outcome], [0, 1, 'unclean'])
  },
  { skip },
)

test(
  'pg-boss: a job that came too late costs one retry, though another fetch comes after it',
  async (t) => {
    const { server, create } = await startDatabases(t)
    await create('jobs')
    const pool = new pg.Pool({ ...server, database: 'jobs', max: 4 })
    t.after(() => pool.end())
    const shutdown = createShutdown({ exit: false, logger: () => {}, terminationGracePeriodSeconds: 30 })
    t.after(() => shutdown.dispose())
    // The connections of a pool: the second one opens slowly, so that its fetch comes after whatever the first one does.
    let fetches = 0
    let bothAsked = (): void => {}
    const asked = new Promise<void>((resolve) => (bothAsked = resolve))
    let failed = (): void => {}
    const wentBack = new Promise<void>((resolve) => (failed = resolve))
    const executeSql = async (text: string, values: unknown[]): Promise<{ rows: unknown[] }> => {
      const isFetch = text.includes('SKIP LOCKED') && values.includes('jobs')
      if (!isFetch) {
        const done = await pool.query(text, values)
        if (text.includes('the process stops') || JSON.stringify(values)?.includes('the process stops')) failed()
        return done
      }
      fetches += 1
      if (fetches === 1) {
        await asked
        const done = await pool.query(text, values)
        void shutdown.begin('test')
        return done
      }
      bothAsked()
      await Promise.race([wentBack, sleep(500)])
      return pool.query(text, values)
    }
    const boss = new PgBoss({ db: { executeSql }, supervise: false, schedule: false })
    boss.on('error', () => {})
    shutdown.consumer('jobs', boss)
    await boss.start()
    t.after(() => boss.stop({ graceful: false }))
    await boss.createQueue('jobs')
    await boss.send('jobs', {})
    let started = 0
    const job = async (): Promise<unknown> => started++
    for (let worker = 0; worker < 2; worker++) await boss.work('jobs', { pollingIntervalSeconds: 0.5 }, job)
    await new Promise<void>((resolve) => shutdown.stopping.addEventListener('abort', () => resolve()))
    const { outcome } = await shutdown.begin()
    const { rows } = await pool.query('select state, retry_count from pgboss.job')
    assert.equal([outcome, started, fetches, rows], ['clean', 0, 2, [{ state: 'retry', retry_count: 0 }]])
  },
  { skip },
)

test('pg-boss: a batch whose fetch is answered after the stop goes back without its handler', async () => {
  // What a fetch under way does cannot be timed from outside: the handler that pg-boss keeps is called by hand.
  let kept: ((jobs: unknown) => Promise<unknown>) | undefined
  const boss = {
    ...{ fetch() {}, fail() {}, send() {}, offWork: async () => {} },
    work: async (_queue: string, handler: typeof kept) => {
      kept = handler
    },
  }
  const shutdown = createShutdown({ exit: false, logger: () => {} })
  shutdown.consumer('jobs', boss)
  let started = 0
  await boss.work('jobs', async () => started++)
  const late = new Promise((resolve) =>
    shutdown.stopping.addEventListener('abort', () => void kept?.([{ id: 1 }]).catch(resolve)),
  )
  await shutdown.begin('test')
  assert.match(String(await late), 'goes back to its queue')
  assert.is(started, 0)
  shutdown.dispose()
})
