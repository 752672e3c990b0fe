import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { startApp } from '../support/app.ts'
import { test } from '../support/suite.ts'

const filename = new URL('../apps/pool-task.js', import.meta.url).href

for (const name of ['piscina', 'tinypool']) {
  const Pool = name === 'piscina' ? Piscina : Tinypool

  test(`a ${name} pool ends when the tasks that run and wait are done`, async (t) => {
    const app = await startApp(t, 'adopts-pool', { args: [name, '300'] })
    app.kill('SIGTERM')
    const { code, stdout, report } = await app.exited
    assert.match(stdout, /task 1 is done\n[\s\S]*task 2 is done/)
    assert.equal([code, report.tracked, report.outcome], [0, { finished: 2, undone: 0 }, 'clean'], report.verdict)
  })

  test(`what a ${name} pool has not done at its limit is lost, and counted as undone alone`, async (t) => {
    const app = await startApp(t, 'adopts-pool', { args: [name, '30000', '{"stopTimeoutMs":300}'] })
    app.kill('SIGTERM')
    const { code, stdout, report } = await app.exited
    assert.match(stdout, /task \d is lost\n[\s\S]*task \d is lost/)
    assert.equal([code, report.tracked], [143, { finished: 0, undone: 2 }], report.verdict)
  })

  test(`a task of an adopted ${name} pool that fails and that nobody awaits is as unhandled as ever, once`, async (t) => {
    const app = await startApp(t, 'fails-unawaited', { args: [name] })
    assert.match(app.stdout, 'a task that is done gives ten')
    app.kill('SIGTERM')
    const { stdout, report } = await app.exited
    // It came to its end by itself.
    assert.equal([stdout.match(/unhandled no/g)?.length, report.tracked], [1, { finished: 2, undone: 0 }])
  })

  test(`a task of an adopted ${name} pool whose failure is caught is unhandled by nobody`, async (t) => {
    const app = await startApp(t, 'fails-unawaited', { args: [name, 'caught'] })
    app.kill('SIGTERM')
    const { code, stdout } = await app.exited
    assert.equal([code, stdout.match(/caught no/g)?.length, stdout.includes('unhandled')], [0, 1, false])
  })

  test(`a ${name} pool that the app destroys is gone, as it was, and may be adopted again`, async (t) => {
    const shutdown = createShutdown({ exit: false, guard: false, logger: () => {} })
    t.after(() => shutdown.dispose())
    const pool = new Pool({ filename, minThreads: 1, maxThreads: 1 })
    t.after(() => pool.destroy())
    const handle = shutdown.adopt('pool', pool)
    const lost = pool.run(30_000).then(
      () => 'done',
      () => 'lost',
    )
    await pool.destroy()
    assert.equal([await lost, (await handle.stop()).killed, handle.state], ['lost', 0, 'gone'])
    assert.equal(Object.hasOwn(pool, 'run') || Object.hasOwn(pool, 'destroy'), false)
    shutdown.adopt('pool', pool)
    const report = await shutdown.begin('test')
    assert.equal([report.tracked, report.outcome], [{ finished: 0, undone: 0 }, 'clean'])
  })

  test(`tasks of a ${name} pool that a hook of the app destroys in the shutdown are undone`, async (t) => {
    const shutdown = createShutdown({ exit: false, guard: false, logger: () => {} })
    t.after(() => shutdown.dispose())
    const pool = new Pool({ filename, minThreads: 1, maxThreads: 1 })
    shutdown.adopt('pool', pool)
    assert.is(await pool.run(1), 'ten')
    pool.run(30_000).catch(() => {})
    shutdown.hook('destroy', () => pool.destroy(), { phase: 'drain' })
    const report = await shutdown.begin('test')
    assert.equal(report.tracked, { finished: 1, undone: 1 })
  })
}
