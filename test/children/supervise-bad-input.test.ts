import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import * as assert from 'uvu/assert'
import { createShutdown, type Shutdown, type SuperviseOptions } from '../../lib/index.ts'
import { refusal } from '../support/refusal.ts'
import { type TestContext, test } from '../support/suite.ts'

function shutdownOf(t: TestContext): Shutdown {
  const shutdown = createShutdown({ exit: false, guard: false })
  t.after(() => shutdown.dispose())
  return shutdown
}

test('what supervise refuses is said with its fix, and nothing starts', async (t) => {
  const shutdown = shutdownOf(t)
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const marker = join(folder, 'started')
  const command = ['touch', marker]
  const before = process.getActiveResourcesInfo().filter((name) => /Process|Pipe|Timeout/.test(name)).length
  const refused = (given: unknown, options: object = {}, name: unknown = 'x') =>
    refusal(() => shutdown.supervise(name as string, given as string[], options as SuperviseOptions))
  const option = (options: object) => refused(command, options)

  assert.match(refused([]), /OPTION.*supervise\.command must be an array of program and arguments, got \[\]\. Write \[/)
  assert.match(refused(['']), /supervise\.command/)
  assert.match(refused(undefined), /supervise\.command.*got undefined/)
  assert.match(refused('python3 worker.py'), /supervise\.command.*shell: true/)
  assert.match(refused('  ', { shell: true }), /supervise\.command must be a command line/)
  assert.match(refused(command, { shell: true }), /a string with shell: true/)
  assert.match(
    refused(['no-such-program-here']),
    /a program that exists, got "no-such-program-here"\. It is in no folder/,
  )
  assert.match(
    refused(['toush', 'x']),
    /a program that exists, got "toush"\. Did you mean "touch"\? It is in no folder/,
  )
  assert.match(refused(['touch it']), /a program that exists, got "touch it"\. Split the words: \["touch", "it"\]\.$/)
  assert.match(refused(['/bin/touch it']), /got "\/bin\/touch it"\. Split the words: \["\/bin\/touch", "it"\]\.$/)
  assert.match(refused(['./no-such-program']), /There is no such file/)
  writeFileSync(join(folder, 'plain.txt'), '')
  assert.match(refused([join(folder, 'plain.txt')]), /can be executed.*chmod \+x/)
  assert.match(refused(['touch', 'a\0b']), /supervise\.command must be free of NUL characters/)
  assert.match(refused(command, {}, ''), /needs a name/)
  assert.match(refused(command, {}, 7), /needs a name/)
  assert.match(refused(command, {}, 'a\nb'), /a string of one line/)
  assert.match(option({ restrat: 'never' }), /no option restrat\. Did you mean restart\?/)
  assert.match(option({ restart: 'on-falure' }), /supervise\.restart.*Did you mean 'on-failure'\?/)
  assert.match(option({ stopSignal: 'SIGTREM' }), /supervise\.stopSignal.*Did you mean 'SIGTERM'\?/)
  assert.match(option({ stopSignal: 'SIGKILL' }), /SIGNAL.*SIGKILL comes by itself/)
  assert.match(
    option({ stopTimeoutMs: '5s' }),
    /supervise\.stopTimeoutMs must be a number of milliseconds above 0, got "5s"/,
  )
  assert.match(option({ stopTimeoutMs: Infinity }), /supervise\.stopTimeoutMs.*at most 24 days, got Infinity/)
  assert.match(option({ readyTimeoutMs: 0 }), /supervise\.readyTimeoutMs.*got 0/)
  assert.match(option({ ready: { port: 70_000 } }), /supervise\.ready/)
  assert.match(option({ ready: { fd: 1 } }), /supervise\.ready must be.*fd: 3 to 255/)
  assert.match(option({ ready: { fd: 1e9 } }), /supervise\.ready must be.*fd: 3 to 255/)
  assert.match(option({ ready: { port: 80, hots: 'x' } }), /supervise\.ready has no option hots\. Did you mean host\?/)
  assert.match(
    option({ ready: { port: 80, line: 'up' } }),
    /supervise\.ready must be one thing to wait for.*Leave out line/,
  )
  assert.match(
    option({ ready: { http: 'http://x/', host: 'x' } }),
    /supervise\.ready must be a port where it names a host/,
  )
  assert.match(option({ ready: null }), /supervise\.ready must be 'spawn'/)
  assert.match(option({ ready: { line: 'up' }, output: 'inherit' }), /Write output: 'prefix'/)
  assert.match(option({ output: 'prefixed' }), /Did you mean 'prefix'\?/)
  assert.match(option({ cwd: join(folder, 'gone') }), /supervise\.cwd must be a folder that exists/)
  assert.match(option({ cwd: 'a\0b' }), /supervise\.cwd must be a folder that exists/)
  assert.match(option({ env: 'PATH=/bin' }), /supervise\.env must be an object/)
  assert.match(option({ env: { ...process.env, A: 'b\0c' } }), /supervise\.env\.A must be free of NUL/)
  assert.match(option({ uid: -1 }), /supervise\.uid must be a whole number up to \d+, got -1/)
  assert.match(option({ gid: 2 ** 40 }), /supervise\.gid must be a whole number/)
  assert.match(option({ after: 'database' }), /supervise\.after must be an array of child names/)
  assert.match(
    option({ after: ['database'] }),
    /AFTER.*no child has that name\. Supervise or adopt "database" first\.$/,
  )
  assert.match(
    option({ stepOver: 'launch' }),
    /supervise\.stepOver must be an array of names of programs, got "launch"/,
  )
  assert.match(option({ stepOver: [''] }), /supervise\.stepOver/)
  assert.match(option({ after: ['x'] }), /CYCLE.*x → x/)

  assert.is(existsSync(marker), false)
  const after = process.getActiveResourcesInfo().filter((name) => /Process|Pipe|Timeout/.test(name)).length
  assert.is(after, before)
  // Nothing that was refused is left in the way: the name is free, and the child runs.
  const child = shutdown.supervise('x', command, { restart: 'never' })
  await child.ready
  await child.stop()
})

test('a name that is taken is refused, and the child that has it goes on', async (t) => {
  const shutdown = shutdownOf(t)
  const one = shutdown.supervise('one', ['sleep', '30'])
  await one.ready
  assert.match(
    refusal(() => shutdown.supervise('one', ['sleep', '30'])),
    /DUPLICATE.*"one"/,
  )
  assert.match(
    refusal(() => shutdown.supervise('two', ['sleep', '30'], { after: ['onne'] })),
    /AFTER.*Did you mean "one"\?$/,
  )
  assert.match(
    refusal(() => shutdown.supervise('two', ['sleep', '30'], { after: ['x'] })),
    /AFTER.*no child has that name\. Children so far: one\. Supervise or adopt "x" first\.$/,
  )
  assert.is(one.state, 'ready')
  assert.is((await one.stop()).signal, 'SIGTERM')
})

test('another user is refused to whoever is not root', (t) => {
  const shutdown = shutdownOf(t)
  if (process.geteuid?.() === 0) {
    process.seteuid?.(65_534)
    t.after(() => process.seteuid?.(0))
  }
  assert.match(
    refusal(() => shutdown.supervise('x', ['sleep', '30'], { uid: 0 })),
    /supervise\.uid must be our own \(\d+\), since only root can take another, got 0/,
  )
})

test('a limit of months is one, not none', async (t) => {
  const shutdown = shutdownOf(t)
  const child = shutdown.supervise(
    'x',
    [process.execPath, '-e', 'setTimeout(console.log, 300, "up"); setInterval(() => {}, 1000)'],
    {
      ready: { line: /up/g },
      readyTimeoutMs: 2 ** 31 - 1,
      output: () => {},
    },
  )
  await child.ready
  assert.equal([child.state, child.restarts], ['ready', 0])
  await child.stop()
})

test('while stopping nothing is started', async (t) => {
  const shutdown = shutdownOf(t)
  const report = shutdown.begin('test')
  assert.match(
    refusal(() => shutdown.supervise('x', ['sleep', '30'])),
    /STOPPING|DISPOSED/,
  )
  await report
})

test('an event that a child does not have, and a listener that is none, are refused', async (t) => {
  const child = shutdownOf(t).supervise('x', ['sleep', '60'])
  const on = child.on as unknown as (type: unknown, listener: unknown) => void
  assert.match(
    refusal(() => on.call(child, 'exti', () => {})),
    /event of child\.on must be one of.*Did you mean 'exit'\?/,
  )
  assert.match(
    refusal(() => on.call(child, undefined, () => {})),
    /event of child\.on must be one of/,
  )
  assert.match(
    refusal(() => on.call(child, 'exit', 5)),
    /child\.on\('exit'\) must be given a function, got 5/,
  )
  await child.stop()
})
