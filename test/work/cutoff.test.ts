import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import * as assert from 'uvu/assert'
import { createShutdown, type Shutdown } from '../../lib/index.ts'
import { postgresIsAbsent, startPostgres } from '../support/postgres.ts'
import { type TestContext, test } from '../support/suite.ts'

test('the cutoff ends a fetch and a stream that go on for ever, and both are undone', async (t) => {
  const shutdown = start(t)
  const server = createServer((_, response) => response.write('never ends'))
  t.after(() => server.close())
  server.listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const fetched = ended(shutdown.track((signal) => fetch(`http://127.0.0.1:${port}`, { signal }).then((r) => r.text())))
  const piped = ended(shutdown.track((signal) => pipeline(new PassThrough(), new PassThrough().resume(), { signal })))
  const report = await shutdown.begin('test')
  assert.equal(await Promise.all([fetched, piped]), ['AbortError', 'AbortError'])
  assert.equal(report.tracked, { finished: 0, undone: 2 })
  assert.is(report.verdict, 'unclean: 2 tracked tasks left undone')
  server.closeAllConnections()
})

test('`using` counts until the end of its block', async (t) => {
  const shutdown = start(t)
  let leave = (): void => {}
  const block = (async () => {
    // As TypeScript writes it for `using job = shutdown.track()`.
    const job = shutdown.track()
    try {
      await new Promise<void>((resolve) => (leave = resolve))
      return job.signal.aborted
    } finally {
      job[Symbol.dispose]()
    }
  })()
  shutdown.hook('drain has begun', () => leave(), { phase: 'drain' })
  const report = await shutdown.begin('test')
  assert.is(await block, false)
  assert.equal(report.tracked, { finished: 1, undone: 0 })
})

test(
  'the cutoff ends a query that PostgreSQL still runs',
  async (t) => {
    const server = await startPostgres(t)
    const client = new pg.Client(server)
    const other = new pg.Client(server)
    await Promise.all([client.connect(), other.connect()])
    t.after(() => Promise.all([client.end(), other.end()]))
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
    const shutdown = start(t)
    const query = ended(
      shutdown.track((signal) => {
        signal.addEventListener('abort', () => void other.query('SELECT pg_cancel_backend($1)', [rows[0].pid]))
        return client.query('SELECT pg_sleep(60)')
      }),
    )
    const report = await shutdown.begin('test')
    assert.is(await query, 'error')
    assert.equal(report.tracked.undone, 1)
    assert.equal((await client.query('SELECT 1 AS still')).rows, [{ still: 1 }])
  },
  { skip: postgresIsAbsent(), limitMs: 60_000 },
)

function start(t: TestContext): Shutdown {
  const shutdown = createShutdown({ exit: false, terminationGracePeriodSeconds: 2, logger: () => {}, watchdog: false })
  t.after(() => shutdown.dispose())
  return shutdown
}

/** The name of what it failed with. */
function ended(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'ended',
    (error: Error) => error.name,
  )
}
