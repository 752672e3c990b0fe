import * as assert from 'uvu/assert'
import { type App, type AppOptions, startApp } from '../../support/app.ts'
import { alive, commandLine, tree } from '../../support/processes.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

// The rows of docs/other-libraries.md, with the real packages.

/** Starts `with-NAME.js`, whose child has two children, signals once all are there, and sees that all are gone. */
async function stop(t: TestContext, name: string, args: string[], signal: NodeJS.Signals, options: AppOptions = {}) {
  const app: App = await startApp(t, `with-${name}`, { args, ...options })
  const family = await until(
    'the child and its children are there',
    () => tree(app.pid).filter((one) => /^(sh -c|sleep 6)/.test(commandLine(one.pid))),
    (found) => found.length >= 3,
  )
  app.kill(signal)
  const exited = await app.exited
  await until(
    'nobody is left',
    () => family.filter(alive),
    (left) => left.length === 0,
  )
  return exited
}

interface Row {
  readonly name: string
  readonly how: string
  readonly signals: readonly NodeJS.Signals[]
  /** What stdout says, in this order: the library's steps and ours. */
  readonly says: RegExp
  readonly means: string
}

const both = ['SIGTERM', 'SIGINT'] as const

const harmless: readonly Row[] = [
  {
    name: 'nest',
    how: 'hooks',
    signals: both,
    says: /nest destroyed\nnest shut down\n[\s\S]*closed/,
    means: 'enableShutdownHooks: Nest closes at the first moment, and its second signal is an echo',
  },
  {
    name: 'nest',
    how: 'resource',
    signals: both,
    says: /closed\nnest destroyed\nnest shut down\n/,
    means: 'without them, as a resource: Nest closes in its turn',
  },
  {
    name: 'apollo',
    how: 'default',
    signals: both,
    says: /apollo stopped\n[\s\S]*closed/,
    means: 'stopOnTerminationSignals: Apollo Server stops at the first moment, and its second signal is an echo',
  },
  {
    name: 'apollo',
    how: 'resource',
    signals: both,
    says: /apollo stopped\n[\s\S]*closed/,
    means: 'without it, as a hook',
  },
  {
    name: 'terminus',
    how: 'default',
    signals: ['SIGTERM'],
    says: /terminus cleaned up\n[\s\S]*closed/,
    means: 'terminus cleans up at the first moment, and its second signal is an echo',
  },
  { name: 'terminus', how: 'other', signals: both, says: /closed/, means: 'terminus is given another signal' },
  { name: 'fastify', how: 'resource', signals: both, says: /closed\nfastify closed/, means: 'Fastify as a resource' },
  {
    name: 'puppeteer',
    how: 'default',
    signals: ['SIGTERM'],
    says: /browser ended SIGKILL\n[\s\S]*in drain the browser is gone\n[\s\S]*closed/,
    means: 'Puppeteer kills its browser at the first moment, under the hooks that use it',
  },
  {
    name: 'puppeteer',
    how: 'adopt',
    signals: both,
    says: /in drain the browser lives\n[\s\S]*browser ended SIGTERM\nclosed/,
    means: 'without its listeners, the browser adopted: it ends in its turn',
  },
]

for (const { name, how, signals, says, means } of harmless) {
  for (const signal of signals) {
    test(`${name} (${how}): all hooks run after one ${signal}, the report is clean, exit code 0. ${means}`, async (t) => {
      const { code, stdout, report } = await stop(t, name, [how], signal)
      assert.match(stdout, says)
      assert.equal(
        [code, report.ended, report.outcome, report.reason],
        [0, 'done', 'clean', { kind: 'signal', signal }],
      )
      assert.ok(report.hooks.every((hook) => hook.outcome === 'done'))
    })
  }
}

const cutting = [
  ['nest', 'exit', 'SIGTERM', 'useProcessExit', /@nestjs\/core\/.*\.js:\d+:\d+$/, 0],
  ['terminus', 'exit0', 'SIGTERM', 'useExit0', /@godaddy\/terminus\/.*\.js:\d+:\d+$/, 0],
  ['fastify', 'close-with-grace', 'SIGTERM', 'its process.exit', /close-with-grace\/index\.js:\d+:\d+$/, 0],
  ['puppeteer', 'default', 'SIGINT', 'its process.exit', /@puppeteer\/browsers\/.*\.js:\d+:\d+$/, 130],
] as const

for (const [name, how, signal, what, at, asked] of cutting) {
  test(`${name} (${how}): ${what} cuts the hooks off after ${signal}; the trees are killed, the report names the line, exit code 1`, async (t) => {
    const { code, stdout, report } = await stop(t, name, [how], signal)
    assert.not.match(stdout, /^closed/m)
    assert.equal([code, report.ended, report.outcome], [1, 'process.exit', 'unclean'])
    assert.match(report.exitedBy?.at ?? '', at)
    assert.is(report.exitedBy?.code, asked)
    assert.ok(report.foreignListeners.some((one) => one.signal === signal && one.count === 1))
  })
}

test('a late second SIGINT of Nest forces the exit, unless secondSignal says ignore', async (t) => {
  const forced = await stop(t, 'nest', ['hooks', '300'], 'SIGINT', { env: { LASTCALL_TEST_TOOK: '15000' } })
  assert.equal([forced.code, forced.report.ended], [130, 'forced'])
  const ignoring = { options: { secondSignal: 'ignore' }, env: { LASTCALL_TEST_TOOK: '1000' } }
  const { code, report } = await stop(t, 'nest', ['hooks', '300'], 'SIGINT', ignoring)
  assert.equal([code, report.outcome, report.signals.map((one) => one.effect)], [0, 'clean', ['began', 'counted']])
})
