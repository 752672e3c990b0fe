import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import type { ConsumerShape } from '../../lib/work/consumers/intake.ts'
import { CONSUMERS } from '../../lib/work/consumers/known.ts'
import { startApp } from '../support/app.ts'
import { refusal } from '../support/refusal.ts'
import { type TestContext, test } from '../support/suite.ts'

const create = (t: TestContext, seconds = 30) => {
  const shutdown = createShutdown({ exit: false, logger: () => {}, terminationGracePeriodSeconds: seconds })
  t.after(() => shutdown.dispose())
  return shutdown
}

/** A subscription of nats, by its members. */
class Subscription {
  unsubscribe() {}
  async drain() {}
  isDraining() {}
  getSubject() {}
  isClosed() {}
  async *[Symbol.asyncIterator]() {
    yield 1
    throw new Error('no permission')
  }
}

test('a consumer is stopped inside the first moment, before any preStop hook, and awaited in drain', async (t) => {
  const shutdown = create(t)
  const order: string[] = []
  let finish = (): void => {}
  shutdown.stopping.addEventListener('abort', () => order.push('stopping aborts'))
  shutdown.preStop('leave', () => order.push('preStop'))
  shutdown.hook('other', () => finish(), { phase: 'drain' })
  shutdown.consumer('jobs', {
    stop: () => {
      order.push('stop')
      return new Promise<void>((resolve) => {
        finish = resolve
      }).then(() => order.push('last job done'))
    },
    force: () => order.push('force'),
  })
  shutdown.hook('pool', () => order.push('close'))
  const begun = shutdown.begin('test')
  assert.equal(order, ['stopping aborts', 'stop'])
  const report = await begun
  assert.equal(order.slice(2), ['preStop', 'last job done', 'close'])
  assert.equal(report.consumers, [{ name: 'jobs', kind: 'own', finished: null, handedBack: null, forced: false }])
  assert.equal([report.outcome, report.exitCode], ['clean', 0])
})

test('at the limit it is forced: what it handed back is told, and after SIGTERM the exit code is 143', async (t) => {
  const app = await startApp(t, 'consumes', {
    args: ['600000', '2'],
    options: { terminationGracePeriodSeconds: 1 },
  })
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.equal([code, stdout.match(/stopped.*/g)], [143, ['stopped, stopping true']])
  assert.equal(report.consumers, [{ name: 'jobs', kind: 'own', finished: null, handedBack: 2, forced: true }])
  assert.match(report.verdict, /^unclean: jobs: 2 jobs handed back$/)
  assert.is(report.hook('jobs').how, 'stop()')
})

for (const told of [Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY]) {
  test(`a force that returns ${told} has told no number: its jobs count as given up`, async (t) => {
    const shutdown = create(t, 1)
    shutdown.consumer('jobs', { stop: () => new Promise(() => {}), force: () => told })
    const { consumers, verdict, exitCode } = await shutdown.begin('test')
    assert.is(consumers[0]?.handedBack, null)
    assert.equal([verdict, exitCode], ['unclean: jobs was still at work and was given up', 1])
  })
}

test('where nothing can be forced, what was given up is told all the same', async (t) => {
  const app = await startApp(t, 'consumes', { args: ['600000'], options: { terminationGracePeriodSeconds: 1 } })
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.hook('jobs').outcome], [143, 'timed out'])
  assert.equal(report.consumers, [{ name: 'jobs', kind: 'own', finished: null, handedBack: null, forced: true }])
  assert.match(report.verdict, /^unclean: jobs was still at work and was given up$/)
})

test('a force that hands nothing back leaves a clean shutdown', async (t) => {
  const app = await startApp(t, 'consumes', { args: ['600000', '0'], options: { terminationGracePeriodSeconds: 1 } })
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.outcome, report.consumers[0]?.handedBack], [0, 'clean', 0])
})

test('a stop that ends because it was forced does not cut the force short', async (t) => {
  const shutdown = create(t)
  let end = (): void => {}
  let handedBack = 0
  const force = async (): Promise<number> => {
    end()
    await new Promise((resolve) => setTimeout(resolve, 20))
    return ++handedBack
  }
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      end = resolve
    })
  shutdown.consumer('jobs', { stop, force }, { timeoutMs: 20 })
  shutdown.hook('pool', () => assert.is(handedBack, 1))
  const { hooks, consumers } = await shutdown.begin('test')
  assert.equal([hooks.map(({ outcome }) => outcome), consumers[0]?.handedBack], [['done', 'done'], 1])
})

test('a stop that fails is a hook that failed, and no uncaught error', async (t) => {
  const shutdown = create(t)
  const stops = [
    () => Promise.reject(new Error('the broker is gone')),
    () => {
      throw new Error('no stop')
    },
  ]
  for (const [index, stop] of stops.entries()) shutdown.consumer(`jobs ${index}`, { stop })
  // Time for a rejection to be unhandled: drain comes later.
  shutdown.preStop('wait', () => new Promise((resolve) => setImmediate(resolve)))
  const report = await shutdown.begin('test')
  assert.equal(
    report.hooks.filter(({ phase }) => phase === 'drain').map(({ outcome, error }) => [outcome, error?.message]),
    [
      ['failed', 'the broker is gone'],
      ['failed', 'no stop'],
    ],
  )
  assert.equal([report.errors, report.exitCode], [[], 1])
})

test('a stop that fails is forced at once: who knows what still runs', async (t) => {
  const shutdown = create(t)
  let forced = 0
  shutdown.consumer('jobs', { stop: () => Promise.reject(new Error('the broker is gone')), force: () => ++forced })
  const { hooks, consumers } = await shutdown.begin('test')
  assert.equal(consumers, [{ name: 'jobs', kind: 'own', finished: null, handedBack: 1, forced: true }])
  assert.equal([hooks[0]?.outcome, hooks[0]?.error?.message, forced], ['failed', 'the broker is gone', 1])
})

test('a limit of its own gives up its jobs, and nobody else: the cutoff stays', async (t) => {
  const shutdown = create(t)
  let finish = (): void => {}
  const others = shutdown.track(new Promise<void>((resolve) => (finish = resolve)))
  const force = (): number => {
    setImmediate(() => setImmediate(finish))
    return 1
  }
  shutdown.consumer('jobs', { stop: () => new Promise(() => {}), force }, { timeoutMs: 20 })
  const isCut = others.then(() => shutdown.cutoff.aborted)
  const { tracked, verdict } = await shutdown.begin('test')
  assert.equal([await isCut, tracked], [false, { finished: 1, undone: 0 }])
  assert.is(verdict, 'unclean: jobs: 1 job handed back')
})

test('one that hangs with no job left is no clean shutdown', async (t) => {
  const shutdown = create(t, 1)
  // A BullMQ worker, by its members, whose server is gone.
  const worker = new EventEmitter()
  const members = {
    ...{ processFn() {}, close: () => new Promise(() => {}) },
    ...{ run() {}, pause() {}, resume() {} },
  }
  Object.assign(worker, members, { getNextJob() {}, startStalledCheckTimer() {} })
  shutdown.consumer('jobs', worker)
  const { consumers, outcome, verdict } = await shutdown.begin('test')
  assert.equal(consumers, [{ name: 'jobs', kind: 'bullmq', finished: 0, handedBack: 0, forced: true }])
  assert.is(outcome, 'unclean')
  assert.match(verdict, /^unclean: hook jobs \(drain\) timed out/)
})

test('a nats loop that ended by an error is over: nobody waits for it', async (t) => {
  const shutdown = create(t)
  const messages = new Subscription()
  shutdown.consumer('jobs', messages)
  const loop = (async () => {
    for await (const _ of messages);
  })()
  assert.match(String(await loop.catch((error: unknown) => error)), 'no permission')
  const { consumers, outcome } = await shutdown.begin('test')
  assert.equal(consumers, [{ name: 'jobs', kind: 'nats', finished: 0, handedBack: 0, forced: false }])
  assert.is(outcome, 'clean')
})

test('a second signal before drain hands back what runs all the same', async (t) => {
  const app = await startApp(t, 'consumes', {
    args: ['600000', '2', 'held'],
    options: { terminationGracePeriodSeconds: 30 },
  })
  app.kill('SIGINT')
  await app.says(/^held$/m)
  app.kill('SIGINT')
  const { report } = await app.exited
  assert.equal(report.consumers, [{ name: 'jobs', kind: 'own', finished: null, handedBack: 2, forced: true }])
})

test('the same thing again is one consumer, and what is taken off is not stopped', async (t) => {
  const shutdown = create(t)
  let stops = 0
  const [kept, gone] = [{ stop: () => stops++ }, { stop: () => stops++ }]
  const off = shutdown.consumer('kept', kept)
  assert.is(shutdown.consumer('again', kept), off)
  shutdown.consumer('gone', gone)()
  const report = await shutdown.begin('test')
  assert.equal([stops, report.consumers.map(({ name }) => name)], [1, ['kept']])
})

test('one that is registered while stopping is stopped at once, also when drain is over', async (t) => {
  const shutdown = create(t)
  const stops: string[] = []
  shutdown.preStop('early', () => {
    shutdown.consumer('in time', { stop: () => stops.push('in time') })
    assert.equal(stops, ['in time'])
  })
  shutdown.hook('closes', () => {
    shutdown.consumer('late', { stop: () => stops.push('late') })
    assert.equal(stops, ['in time', 'late'])
  })
  const report = await shutdown.begin('test')
  assert.equal(
    report.consumers.map(({ name, forced }) => [name, forced]),
    [
      ['in time', false],
      ['late', false],
    ],
  )
  assert.equal(report.hooks.find(({ name }) => name === 'late')?.outcome, 'done')
})

test('its hook is ordered and limited like any other', async (t) => {
  const shutdown = create(t)
  let forced = 0
  shutdown.consumer('slow', { stop: () => new Promise(() => {}), force: () => forced++ }, { timeoutMs: 50 })
  shutdown.hook('after', () => assert.is(forced, 1), { phase: 'drain', after: ['slow'] })
  const report = await shutdown.begin('test')
  assert.equal(
    report.hooks.map(({ name, outcome }) => [name, outcome]),
    [
      ['slow', 'done'],
      ['after', 'done'],
    ],
  )
})

test('what is no consumer is refused before anything changes, and a taken name, too', async (t) => {
  const shutdown = create(t)
  const text =
    /^ERR_LASTCALL_CONSUMER lastcall: consumer "jobs" takes .*, got .*Looked for: .*BullMQ Worker.*Write shutdown\.consumer\("jobs", \{ stop: /
  for (const thing of [undefined, 'jobs', {}, () => {}, new EventEmitter()]) {
    assert.match(
      refusal(() => shutdown.consumer('jobs', thing as object)),
      text,
    )
  }
  assert.match(
    refusal(() => shutdown.consumer('web', createServer() as never)),
    'consumer "web" takes something that fetches work by itself, got a server. Write shutdown.server(…, { name: "web" })',
  )
  for (const [thing, what] of [
    [{ stop: true }, 'stop must be a function, got true'],
    [{ stop() {}, force: 1 }, 'force must be a function, got 1'],
  ] as const) {
    assert.match(
      refusal(() => shutdown.consumer('jobs', thing as never)),
      `consumer "jobs": ${what}. Write { stop: `,
    )
  }
  const frozen = Object.freeze(new Subscription())
  assert.match(
    refusal(() => shutdown.consumer('jobs', frozen)),
    /^ERR_LASTCALL_CONSUMER lastcall: consumer "jobs" looks like nats subscription.*, and cannot be watched: TypeError/,
  )
  shutdown.consumer('jobs', { stop: () => {} })
  assert.match(
    refusal(() => shutdown.consumer('jobs', { stop: () => {} })),
    'ERR_LASTCALL_DUPLICATE',
  )
  const twice = new Subscription()
  assert.match(
    refusal(() => shutdown.consumer('jobs', twice)),
    'ERR_LASTCALL_DUPLICATE',
  )
  assert.not.ok(Object.hasOwn(twice, Symbol.asyncIterator), 'it is watched, though refused')
  assert.match(
    refusal(() => shutdown.consumer(1 as never, { stop: () => {} })),
    'ERR_LASTCALL_OPTION',
  )
  assert.match(
    refusal(() => shutdown.consumer('more', { stop: () => {} }, { phase: 'close' } as never)),
    'consumer has no option phase',
  )
  await shutdown.begin('test')
  shutdown.dispose()
  assert.match(
    refusal(() => shutdown.consumer('late', { stop: () => {} })),
    'ERR_LASTCALL_DISPOSED',
  )
})

test('docs/consumers.md lists what is known, in its order, with both calls and the fate of a forced job', () => {
  const page = readFileSync(new URL('../../docs/consumers.md', import.meta.url), 'utf8')
  const head = '| consumer | in the first moment | at the limit | a job that was forced |\n|---|---|---|---|\n'
  const [, table = ''] = page.split(head)
  assert.equal(table.split('\n\n')[0]?.split('\n'), CONSUMERS.map(row))
})

function row({ what, how, forced = '', fate }: ConsumerShape): string {
  return `| ${what} | \`${how}\` | ${forced}${forced && ' '}| ${fate} |`
}
