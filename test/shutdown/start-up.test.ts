import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { asPid1, notAsPid1 } from '../process-tree/real-trees/surroundings.ts'
import { type App, startApp, startProgram } from '../support/app.ts'
import { alive, kill, type Process, tree } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

interface Started {
  readonly app: App
  /** The service itself, as seen from outside of its namespace. */
  readonly pid: number
}

async function start(t: TestContext, prefix: readonly string[], how: string): Promise<Started> {
  const file = fileURLToPath(new URL('../apps/starts-up.js', import.meta.url))
  const app = await startProgram(t, [...prefix, process.execPath, file, how])
  const found = await until('the service is there', () =>
    tree(app.pid).find((p) => p.comm.startsWith('node') || p.comm === 'MainThread'),
  )
  t.after(() => kill([found as Process]))
  return { app, pid: (found as Process).pid }
}

for (const { name, prefix, pid1, missing: skip } of [notAsPid1, asPid1]) {
  test(
    `${name}: a signal between createShutdown and ready() runs the hooks that are there`,
    async (t) => {
      const { app, pid } = await start(t, prefix, 'waits')
      process.kill(pid, 'SIGTERM')
      const { code, stdout, report } = await app.exited
      assert.is(stdout, 'ready\nclosed\n')
      assert.equal([code, report.outcome, report.reason.signal], [0, 'clean', 'SIGTERM'])
    },
    { skip },
  )

  for (const how of ['aborted', 'fetches']) {
    test(
      `${name}: a start at a top-level await that listens to stopping (${how}) is given up, which is no error`,
      async (t) => {
        const { app, pid } = await start(t, prefix, how)
        process.kill(pid, 'SIGTERM')
        const { code, stdout, stderr, report } = await app.exited
        assert.is(stdout, 'ready\nclosed\n')
        assert.equal([code, report.outcome, report.errors], [0, 'clean', []])
        assert.not.match(stderr, 'AbortError')
      },
      { skip },
    )
  }

  test(
    pid1
      ? `${name}: the kernel drops a signal that comes before createShutdown; the next one after it is heard`
      : `${name}: a signal that comes before createShutdown meets the default action`,
    async (t) => {
      const { app, pid } = await start(t, prefix, 'late')
      process.kill(pid, 'SIGTERM')
      if (!pid1) {
        const { signal, stdout } = await app.exited
        assert.equal([signal, stdout], ['SIGTERM', 'ready\n'])
        return
      }
      process.kill(pid, 'SIGUSR2')
      await app.says('created')
      process.kill(pid, 'SIGTERM')
      const { code, stdout, report } = await app.exited
      assert.match(stdout, 'closed')
      assert.equal([code, report.signals.length], [0, 1])
    },
    { skip },
  )
}

test(
  'as PID 1 lastcall run is the cure: it passes the signal on, which ends the service before createShutdown',
  async (t) => {
    const app = await startProgram(t, [
      ...asPid1.prefix,
      process.execPath,
      cli,
      'run',
      '--',
      process.execPath,
      fileURLToPath(new URL('../apps/starts-up.js', import.meta.url)),
      'late',
    ])
    const all = tree(app.pid)
    const run = all.find((p) => p.ppid === app.pid) as Process
    process.kill(run.pid, 'SIGTERM')
    const { code } = await app.exited
    assert.is(code, 143)
    assert.equal(all.filter(alive), [])
  },
  { skip: asPid1.missing },
)

test('what is registered while stopping: work is waited for until the cutoff, a child is refused, a hook joins', async (t) => {
  const app = await startApp(t, 'registers-everything')
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  const refused = 'ERR_LASTCALL_STOPPING\n'
  assert.is(stdout, `ready\n${refused}${refused}job done\njob in close, cutoff true\n`)
  assert.equal([code, report.outcome, report.tracked], [0, 'clean', { finished: 1, undone: 0 }])
  assert.equal(
    report.hooks.map((hook) => [hook.name, hook.outcome, hook.late]),
    [
      ['stops', 'done', false],
      ['tracked work', 'done', false],
      ['closes', 'done', false],
    ],
  )
})
