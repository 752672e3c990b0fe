import { type ChildProcess, spawn } from 'node:child_process'
import cluster from 'node:cluster'
import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import process from 'node:process'
import { Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { refusal } from '../support/refusal.ts'
import { type TestContext, test } from '../support/suite.ts'

async function child(t: TestContext): Promise<ReturnType<typeof spawn>> {
  const started = spawn('sleep', ['30'], { stdio: 'ignore' })
  t.after(() => started.kill('SIGKILL'))
  await once(started, 'spawn')
  return started
}

test('what adopt refuses is said with its reason, and nothing is left behind', async (t) => {
  const shutdown = createShutdown({ exit: false, guard: false })
  t.after(() => shutdown.dispose())
  const one = await child(t)
  const listeners = one.listenerCount('exit')
  const adopt = (thing: unknown, options: object = {}, name = 'x') =>
    refusal(() => shutdown.adopt(name, thing as object, options))
  assert.match(adopt({}), /OPTION.*cannot be adopted.*ChildProcess.*cluster.*worker_threads.*piscina/)
  assert.match(adopt(42), /got 42.*adopt takes/)
  assert.match(adopt(Promise.resolve(one)), /is a promise: await it first/)
  assert.match(adopt(one, { stopSingal: 'SIGTERM' }), /adopt of a process has no option stopSingal.*stopSignal/)
  assert.match(adopt(one, { restart: 'always' }), /adopt of a process has no option restart/)
  assert.match(adopt(one, { stopSignal: 'SIGKILL' }), /SIGNAL.*adopt\.stopSignal names SIGKILL/)
  assert.match(adopt(one, { stopTimeoutMs: '5s' }), /adopt\.stopTimeoutMs.*got "5s"/)
  assert.match(adopt(one, { after: ['nobody'] }), /AFTER.*comes after "nobody".*Supervise or adopt "nobody" first\.$/)
  assert.match(adopt(one, { after: ['x'] }), /CYCLE/)
  assert.match(adopt(one, {}, ''), /needs a name/)
  assert.match(adopt(cluster, { significant: true }), /adopt of a cluster has no option significant/)
  const thread = new Worker('setInterval(() => {}, 1000)', { eval: true })
  t.after(() => thread.terminate())
  assert.match(adopt(thread, { message: () => {} }), /adopt\.message must be something that postMessage can send/)
  assert.is(one.listenerCount('exit'), listeners)
})

test('a name is taken once among supervised and adopted children', async (t) => {
  const shutdown = createShutdown({ exit: false, guard: false })
  t.after(() => shutdown.dispose())
  const [one, two] = [await child(t), await child(t)]
  const handle = shutdown.adopt('x', one)
  assert.match(
    refusal(() => shutdown.adopt('x', two)),
    /DUPLICATE/,
  )
  assert.match(
    refusal(() => shutdown.supervise('x', ['sleep', '30'])),
    /DUPLICATE/,
  )
  assert.equal([handle.name, handle.kind, handle.state], ['x', 'process', 'running'])
  assert.equal((await handle.stop()).signal, 'SIGTERM')
  assert.is(handle.state, 'gone')
  await shutdown.adopt('x', two).stop()
})

test('a process that never started is refused, one that has ended is taken as gone', async (t) => {
  const shutdown = createShutdown({ exit: false, guard: false })
  t.after(() => shutdown.dispose())
  const never = spawn('/no/such/program')
  never.on('error', () => {})
  assert.match(
    refusal(() => shutdown.adopt('never', never)),
    /PROCESS.*was never started.*\/no\/such\/program/,
  )
  const ended = spawn(process.execPath, ['-e', 'process.exit(3)'])
  await once(ended, 'exit')
  const handle = shutdown.adopt('ended', ended)
  assert.equal((await handle.stop()).code, 3)
  assert.is(handle.state, 'gone')
})

test('while stopping nothing is adopted, and the thing is untouched', async (t) => {
  const shutdown = createShutdown({ exit: false, guard: false, logger: () => {} })
  const one = await child(t)
  const listeners = one.listenerCount('exit')
  shutdown.hook('late', () => {
    assert.match(
      refusal(() => shutdown.adopt('late child', one)),
      /STOPPING/,
    )
  })
  const report = await shutdown.begin('test')
  assert.equal([report.outcome, one.listenerCount('exit'), one.exitCode], ['clean', listeners, null])
})

test('after orders adopted and supervised children among each other', async (t) => {
  const shutdown = createShutdown({ exit: false, guard: false, logger: () => {} })
  const gone: string[] = []
  const db = await child(t)
  db.once('exit', () => gone.push('db'))
  shutdown.adopt('db', db)
  const api = shutdown.supervise('api', ['sleep', '30'], { after: ['db'], output: 'ignore' })
  api.on('exit', () => gone.push('api'))
  await api.ready
  const web = await child(t)
  web.once('exit', () => gone.push('web'))
  shutdown.adopt('web', web, { after: ['api'] })
  await shutdown.begin('test')
  assert.equal(gone, ['web', 'api', 'db'])
})

test('a thing is adopted once, until it is over; the refusal names the first one', async (t) => {
  const shutdown = createShutdown({ exit: false, guard: false, logger: () => {} })
  t.after(() => shutdown.dispose())
  const thread = new Worker('setInterval(() => {}, 1000)', { eval: true })
  const pool = new Piscina({ filename: new URL('../apps/pool-task.js', import.meta.url).href, minThreads: 0 })
  t.after(() => pool.destroy())
  t.after(() => thread.terminate())
  for (const thing of [await child(t), thread, pool, cluster]) {
    const first = shutdown.adopt('first', thing)
    assert.match(
      refusal(() => shutdown.adopt('second', thing)),
      /DUPLICATE.*"second" cannot be adopted: it is adopted as "first" already\. .*stop\(\)/,
    )
    await first.stop()
    const again = shutdown.adopt('second', thing)
    await again.stop()
    assert.is(again.state, 'gone')
  }
})

test('what lastcall started itself, or has adopted, is not adopted by its handle or its process', async (t) => {
  const shutdown = createShutdown({ exit: false, guard: false, logger: () => {} })
  t.after(() => shutdown.dispose())
  t.after(() => shutdown.begin('test'))
  const started: ChildProcess[] = []
  const hears = (message: unknown): void => void started.push((message as { process: ChildProcess }).process)
  channel('child_process').subscribe(hears)
  const supervised = shutdown.supervise('api', ['sleep', '30'], { output: 'ignore' })
  await supervised.ready
  channel('child_process').unsubscribe(hears)
  const own = started.find(({ pid }) => pid === supervised.pid)
  for (const thing of [supervised, own as ChildProcess]) {
    assert.match(
      refusal(() => shutdown.adopt('again', thing)),
      /DUPLICATE.*"again" cannot be adopted: it is supervised as "api" already/,
    )
  }
  const adopted = shutdown.adopt('one', await child(t))
  assert.match(
    refusal(() => shutdown.adopt('again', adopted)),
    /DUPLICATE.*it is adopted as "one" already/,
  )
})

test('what has ended before its adoption is gone at once', async (t) => {
  const shutdown = createShutdown({ exit: false, guard: false })
  t.after(() => shutdown.dispose())
  const ended = spawn(process.execPath, ['-e', ''])
  await once(ended, 'exit')
  assert.is(shutdown.adopt('process', ended).state, 'gone')
  const thread = new Worker('', { eval: true })
  await once(thread, 'exit')
  assert.is(shutdown.adopt('thread', thread).state, 'gone')
})
