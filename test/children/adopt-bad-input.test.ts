import { spawn } from 'node:child_process'
import cluster from 'node:cluster'
import { once } from 'node:events'
import process from 'node:process'
import { Worker } from 'node:worker_threads'
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
