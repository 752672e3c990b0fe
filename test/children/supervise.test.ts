import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import type { SuperviseOptions } from '../../lib/children/plan/child-options.ts'
import { type App, type AppOptions, startApp } from '../support/app.ts'
import { alive, tree } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

type Child = readonly [name: string, command: readonly string[] | string, options?: SuperviseOptions]

function supervise(t: TestContext, children: readonly Child[], options: AppOptions = {}): Promise<App> {
  return startApp(t, 'supervises', { ...options, env: { LASTCALL_TEST_CHILDREN: JSON.stringify(children) } })
}

const node = (script: string): string[] => [process.execPath, '-e', script]
const wellBehaved = (...args: string[]): string[] => [
  process.execPath,
  fileURLToPath(new URL('../apps/child.js', import.meta.url)),
  ...args,
]

/** When the app told of it, in milliseconds of its own clock. */
function toldAt(text: string, event: string): number {
  return Number(new RegExp(`^${event} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
}

test('a child is told to stop in the phase children, cleans up, and is in the report', async (t) => {
  const app = await supervise(t, [['web', wellBehaved(), { ready: { line: 'listens' } }]])
  await app.says('web was ready')
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.match(stdout, 'web | told\nweb | cleaned up')
  assert.equal([code, report.outcome], [0, 'clean'])
  assert.equal(
    report.children.map(({ name, code, killed, told }) => [name, code, killed, told.length]),
    [['web', 0, 0, 1]],
  )
})

test('a child that crashes is started again, with a delay that grows; five times are too many, and the shutdown begins', async (t) => {
  const app = await supervise(t, [['crash', ['sh', '-c', 'exit 3']]])
  const { code, stdout, report } = await app.exited
  assert.is(stdout.match(/crash exit 3/g)?.length, 5)
  assert.equal([code, report.outcome, report.reason.kind, report.reason.child], [1, 'unclean', 'child', 'crash'])
  assert.match(report.verdict, 'out of restarts')
})

test('restart: never and a clean end under on-failure leave the service running', async (t) => {
  const app = await supervise(t, [
    ['once', ['sh', '-c', 'exit 0']],
    ['never', ['sh', '-c', 'exit 3'], { restart: 'never' }],
  ])
  await app.says('once state gone')
  await app.says('never state gone')
  assert.ok(alive(app.identity))
  app.kill('SIGTERM')
  const { code, stdout } = await app.exited
  assert.is(stdout.match(/exit \d/g)?.length, 2)
  assert.is(code, 0)
})

test('a significant child ends the whole, with its own exit code', async (t) => {
  const app = await supervise(t, [
    ['main', ['sh', '-c', 'exit 7'], { significant: true, restart: 'never' }],
    ['side', wellBehaved(), { ready: 'ipc' }],
  ])
  const { code, report } = await app.exited
  assert.equal([code, report.reason.kind, report.reason.child], [7, 'child', 'main'])
})

test('a significant child that is out of restarts ends the whole with its own exit code, too', async (t) => {
  const app = await supervise(t, [['main', ['sh', '-c', 'exit 7'], { significant: true }]])
  const { code, report } = await app.exited
  assert.equal([code, report.reason.kind, report.children.length], [7, 'child', 1])
})

const readiness: readonly [string, Child][] = [
  [
    'a message over IPC',
    ['one', node("setTimeout(() => process.send('ready'), 100); setInterval(() => {}, 1e3)"), { ready: 'ipc' }],
  ],
  ['a newline on a descriptor', ['one', ['sh', '-c', 'sleep 0.1; echo >&5; exec sleep 30'], { ready: { fd: 5 } }]],
  [
    'a port',
    [
      'one',
      node("setTimeout(() => require('net').createServer().listen(45871, '127.0.0.1'), 100)"),
      { ready: { port: 45_871 } },
    ],
  ],
  [
    'a URL',
    [
      'one',
      node(
        "require('http').createServer((q, r) => { r.statusCode = q.url === '/up' ? 204 : 500; r.end() }).listen(45872, '127.0.0.1')",
      ),
      { ready: { http: 'http://127.0.0.1:45872/up' } },
    ],
  ],
  [
    'a line',
    [
      'one',
      ['sh', '-c', 'echo starting; sleep 0.1; echo now listening on 1; exec sleep 30'],
      { ready: { line: 'listening' } },
    ],
  ],
]

for (const [title, child] of readiness) {
  test(`a child is ready by ${title}, and not before`, async (t) => {
    const app = await supervise(t, [child])
    await app.says('one was ready')
    app.kill('SIGTERM')
    const { stdout } = await app.exited
    assert.ok(stdout.indexOf('one state ready') < stdout.indexOf('one was ready'))
  })
}

test('a child that is not ready in time is stopped, which counts as a failure', async (t) => {
  const app = await supervise(t, [
    ['slow', ['sleep', '30'], { ready: { port: 45_873 }, readyTimeoutMs: 100, restart: 'on-failure' }],
  ])
  const { code, stdout, report } = await app.exited
  assert.is(stdout.match(/slow state stopping/g)?.length, 5)
  assert.match(stdout, 'child "slow" was never ready: ended 5 times')
  assert.equal([code, report.reason.child], [1, 'slow'])
})

test('after starts children in order and stops them in reverse', async (t) => {
  const app = await supervise(t, [
    ['db', wellBehaved('100'), { ready: { line: 'listens' } }],
    ['api', wellBehaved('100'), { after: ['db'], ready: { line: 'listens' } }],
    ['web', wellBehaved('100'), { after: ['api'], ready: { line: 'listens' } }],
  ])
  await app.says('web was ready')
  app.kill('SIGTERM')
  const { code, stdout } = await app.exited
  const order = [
    'db state ready',
    'api state ready',
    'web state ready',
    'web state gone',
    'api state gone',
    'db state gone',
  ]
  const times = order.map((event) => stdout.search(new RegExp(`^${event}`, 'm')))
  assert.equal(
    times,
    [...times].sort((a, b) => a - b),
  )
  assert.ok(toldAt(stdout, 'api state stopping') >= toldAt(stdout, 'web exit 0'))
  assert.is(code, 0)
})

test('children that do not depend on each other stop side by side', async (t) => {
  const names = ['a', 'b', 'c', 'd']
  const app = await supervise(
    t,
    names.map((name) => [name, wellBehaved('500'), { ready: { line: 'listens' } }]),
  )
  for (const name of names) await app.says(`${name} was ready`)
  app.kill('SIGTERM')
  const { stdout } = await app.exited
  const told = names.map((name) => toldAt(stdout, `${name} state stopping`))
  const gone = names.map((name) => toldAt(stdout, `${name} exit 0`))
  assert.ok(Math.max(...told) < Math.min(...gone), 'all were told before the first had gone')
})

test('a deaf child and its own child are killed at its limit, and counted', async (t) => {
  const deaf = node(
    "process.on('SIGTERM', () => {}); require('child_process').spawn('sh', ['-c', 'trap \"\" TERM; while :; do sleep 1; done']); console.log('up'); setInterval(() => {}, 1e3)",
  )
  const app = await supervise(t, [['deaf', deaf, { ready: { line: 'up' }, stopTimeoutMs: 300 }]])
  await app.says('deaf was ready')
  const members = await until(
    'the child has its own',
    () => tree(app.pid).slice(1),
    (found) => found.length >= 3,
  )
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  // The guard among them ends a moment after its service.
  await until(
    'nobody is left',
    () => members.filter(alive),
    (left) => left.length === 0,
  )
  assert.is(code, 1)
  assert.ok((report.children[0]?.killed ?? 0) >= 2)
  assert.match(report.verdict, 'of deaf had to be killed')
})

test('a child between two runs is not started again once the shutdown has begun', async (t) => {
  const app = await supervise(t, [['crash', ['sh', '-c', 'exit 1']]])
  await app.says('crash state waiting')
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  const runs = stdout.match(/crash exit 1/g)?.length
  assert.is(stdout.match(/crash state waiting/g)?.length, runs)
  assert.equal([code, report.reason.kind], [0, 'signal'])
})

test('a child that is starting is stopped, and one that waits for another never starts', async (t) => {
  const app = await supervise(t, [
    ['slow', wellBehaved(), { ready: { port: 45_874 } }],
    ['next', wellBehaved(), { after: ['slow'] }],
  ])
  await app.says('slow | listens')
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.match(stdout, 'slow | cleaned up')
  assert.not.match(stdout, 'next |')
  assert.equal([code, report.children.map((child) => child.name)], [0, ['slow']])
})

test('what a child leaves behind when it ends by itself is ended before it starts again', async (t) => {
  const leaves = ['sh', '-c', 'setsid sleep 300 & echo "left $!"; sleep 0.3; exit 1']
  const app = await supervise(t, [['leaves', leaves, { restart: 'on-failure' }]])
  const pid = Number((await app.says(/left (\d+)/)).split(' ')[1])
  await app.says('leaves exit 1')
  assert.not.ok(alive(pid))
})

test('a stop while the program awaits its child is no error of the program', async (t) => {
  const app = await startApp(t, 'awaits-child')
  app.kill('SIGTERM')
  const { code, stderr, report } = await app.exited
  assert.equal([code, report.outcome, report.errors], [0, 'clean', []], stderr)
})
