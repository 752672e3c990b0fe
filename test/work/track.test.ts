import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { startApp } from '../support/app.ts'
import { rawClient } from '../support/raw-client.ts'
import { listen, shutdownHere } from '../support/serving.ts'
import { test } from '../support/suite.ts'

test('a tracked function whose failure nobody handles is as unhandled as ever, once', async (t) => {
  const app = await startApp(t, 'fails-unawaited', { args: ['function'] })
  app.kill('SIGTERM')
  const { stdout } = await app.exited
  assert.equal(stdout.match(/unhandled no/g)?.length, 1)
})

test('a tracked function that fails while stopping makes the shutdown unclean, however short it is', async (t) => {
  const app = await startApp(t, 'fails-in-track')
  app.kill('SIGTERM')
  const { code, report, stderr } = await app.exited
  assert.equal([code, report.outcome, report.errors[0]?.message], [1, 'unclean', 'a bug'])
  assert.match(stderr, 'fails-in-track.js')
})

test('a tracked promise whose failure is handled where it was made ends nothing', async (t) => {
  const app = await startApp(t, 'fails-unawaited', { args: ['promise', 'caught'] })
  app.kill('SIGTERM')
  const { code, stdout } = await app.exited
  assert.equal([code, stdout.match(/caught no/g)?.length, stdout.includes('unhandled')], [0, 1, false])
})

test('what ends because of the cutoff is undone or handed back, also where a connection holds drain to the same limit', async (t) => {
  // Which hook hears of the limit first is chance.
  const stops = Array.from({ length: 6 }, async () => {
    const app = await startApp(t, 'gives-up', { options: { terminationGracePeriodSeconds: 4 } })
    const client = await rawClient(t, { port: Number(/ready (\d+)/.exec(app.stdout)?.[1]) })
    await client.gets(/hello/)
    app.kill('SIGTERM')
    const { code, report } = await app.exited
    const [jobs] = report.consumers
    const timers = report.openHandles.filter((line) => line.startsWith('timer'))
    return [code, report.outcome, report.tracked, jobs?.handedBack, jobs?.forced, timers]
  })
  for (const stop of await Promise.all(stops)) {
    assert.equal(stop, [143, 'unclean', { finished: 0, undone: 1 }, 1, true, []])
  }
})

test('a job that a request begins in drain is waited for, though no other ran when drain began', async (t) => {
  const shutdown = shutdownHere(t)
  const said: string[] = []
  const server = createServer(async (_, response) => {
    await once(shutdown.stopping, 'abort')
    await sleep(200)
    response.end('accepted')
    void shutdown.track(async () => {
      await sleep(200)
      said.push('sent')
    })
  })
  shutdown.server(server)
  const port = await listen(t, server)
  // Its hook is there before drain, and has nothing to wait for when drain begins.
  await shutdown.track(async () => {})
  const arrived = once(server, 'request')
  const answer = fetch(`http://127.0.0.1:${port}`)
  await arrived
  const report = await shutdown.begin('test')
  assert.equal([said, report.tracked, report.outcome], [['sent'], { finished: 2, undone: 0 }, 'clean'])
  assert.is(await (await answer).text(), 'accepted')
})

test('a hook that comes after tracked work does not wait for itself', async (t) => {
  const shutdown = shutdownHere(t)
  await shutdown.track(async () => {})
  shutdown.hook('behind', () => {}, { phase: 'drain', after: ['tracked work'] })
  shutdown.hook('behind that', () => {}, { phase: 'drain', after: ['behind'] })
  const report = await shutdown.begin('test')
  assert.equal([report.outcome, report.durationMs < 5_000], ['clean', true])
})

test('what is only run when somebody asks for it, as a query builder, runs once', async (t) => {
  const shutdown = createShutdown({ exit: false, logger: () => {} })
  t.after(() => shutdown.dispose())
  let runs = 0
  const query: PromiseLike<string> = {
    // biome-ignore lint/suspicious/noThenProperty: that is what a query builder has
    then: (...handlers) => Promise.resolve(`rows ${++runs}`).then(...handlers),
  }
  assert.is(await shutdown.track(query), 'rows 1')
  const report = await shutdown.begin('test')
  assert.equal([runs, report.tracked], [1, { finished: 1, undone: 0 }])
})
