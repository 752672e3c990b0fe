import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import * as assert from 'uvu/assert'
import { readGraceFile } from '../../lib/kubernetes/grace/grace-file.ts'
import { platform } from '../../lib/kubernetes/grace/platforms.ts'
import { type AppOptions, startApp, startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { type TestContext, test } from '../support/suite.ts'

const VARIABLE = 'TERMINATION_GRACE_PERIOD_SECONDS'
const pm2 = { pm_id: '0', PM2_HOME: '/root/.pm2' }
const service = { INVOCATION_ID: '7a0f' }

/** What the environment holds → source and seconds; undefined: the default. */
const platforms: readonly [NodeJS.ProcessEnv, string | undefined, number?][] = [
  [{}, undefined],
  [pm2, 'PM2', 1.6],
  [{ ...pm2, kill_timeout: '3000' }, 'PM2', 3],
  [{ ...pm2, kill_timeout: '500' }, 'PM2', 0.5],
  [{ ...pm2, kill_timeout: 'soon' }, 'PM2', 1.6],
  [{ pm_id: '0' }, undefined],
  [{ ...pm2, KUBERNETES_SERVICE_HOST: '10.0.0.1' }, 'PM2', 1.6],
  [{ K_SERVICE: 'api' }, 'Cloud Run', 10],
  [{ K_SERVICE: 'api', KUBERNETES_SERVICE_HOST: '10.0.0.1' }, undefined],
  [{ ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/1' }, 'ECS', 30],
  [{ DYNO: 'web.1' }, 'Heroku', 30],
  [{ DYNO: '' }, undefined],
  [service, undefined],
  [{ ...service, SYSTEMD_EXEC_PID: String(process.pid) }, 'systemd', 90],
  [{ ...service, SYSTEMD_EXEC_PID: '1' }, undefined],
  [{ ...service, NOTIFY_SOCKET: '/run/systemd/notify' }, 'systemd', 90],
  [{ NOTIFY_SOCKET: '/run/systemd/notify' }, undefined],
  // A terminal on a desktop: it has inherited the variable, and its output goes elsewhere.
  [{ ...service, JOURNAL_STREAM: '8:1' }, undefined],
]

for (const [env, name, seconds] of platforms) {
  test(`${JSON.stringify(env)} is ${name ?? 'no platform'}`, () =>
    assert.equal(platform(env), name && { name, seconds }))
}

/** What the file says → seconds, or why it cannot be used. */
const files: readonly [string, number | RegExp][] = [
  ['60\n', 60],
  ['60.5', 60.5],
  ['60s', /is no number of seconds, at least 1: "60s"/],
  ['', /is no number of seconds/],
  ['app.kubernetes.io/name="api"\nexample.com/termination-grace-period-seconds="45"\nz="1"\n', 45],
  ['termination-grace-period-seconds="45"', 45],
  ['example.com/termination-grace-period-seconds="soon"', /is no number of seconds, at least 1: "soon"/],
  ['not-termination-grace-period-seconds="45"', /has no annotation termination-grace-period-seconds/],
]

for (const [text, expected] of files) {
  test(`a downward-API file with ${JSON.stringify(text)}`, (t) => {
    const read = readGraceFile(fileWith(t, text))
    if (typeof expected === 'number') assert.is(read, expected)
    else assert.match(String(read), expected)
  })
}

test('what is no file is not read: a pipe would keep the service from starting', (t) => {
  const pipe = join(mkdtempSync(join(tmpdir(), 'lastcall-pipe-')), 'grace')
  t.after(() => rmSync(dirname(pipe), { recursive: true }))
  execFileSync('mkfifo', [pipe])
  for (const path of [pipe, '/dev/zero', dirname(pipe)]) {
    assert.is(readGraceFile(path), 'cannot be read (it is no file)')
  }
})

test('each source comes before those after it, and the report names it', async (t) => {
  const gracePeriodFile = fileWith(t, 'example.com/termination-grace-period-seconds="7"\n')
  const env = { [VARIABLE]: '8', K_SERVICE: 'api' }
  const rounds: [AppOptions, string, number][] = [
    [{ env, options: { terminationGracePeriodSeconds: 9, gracePeriodFile } }, 'option', 9],
    [{ env, options: { gracePeriodFile } }, VARIABLE, 8],
    [{ env: { K_SERVICE: 'api' }, options: { gracePeriodFile } }, 'gracePeriodFile', 7],
    [{ env: { K_SERVICE: 'api' } }, 'Cloud Run', 10],
  ]
  await Promise.all(
    rounds.map(async ([options, source, seconds]) => {
      const { clock } = await stopped(t, options)
      assert.equal([clock.source, clock.terminationGracePeriodSeconds, clock.ignored], [source, seconds, undefined])
    }),
  )
})

test(
  'output that goes to the journal makes a service of it, below a start script too',
  async (t) => {
    // What systemd says of the journal's socket is said of the pipe that the test reads.
    const script = `JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) INVOCATION_ID=1 exec "$0" "$@"`
    const app = await startProgram(t, ['sh', '-c', script, process.execPath, 'test/apps/slow-hook.js', '5'])
    app.kill('SIGTERM')
    assert.is((await app.exited).report.clock.source, 'systemd')
  },
  { skip: can.linux() },
)

test('preStopSeconds is taken off when a signal begins the shutdown, down to 2 s, and only then', async (t) => {
  const options = { terminationGracePeriodSeconds: 20, preStopSeconds: 15 }
  const begins = [
    [await stopped(t, { options }), 5, 15],
    [await stopped(t, { options: { preStopSeconds: 15 }, env: { [VARIABLE]: '10' } }), 2, 15],
    [await stopped(t, { options, ready: false }, 'ends-by-itself'), 20, undefined],
  ] as const
  for (const [{ clock }, seconds, preStopSeconds] of begins) {
    assert.equal([clock.terminationGracePeriodSeconds, clock.preStopSeconds], [seconds, preStopSeconds])
  }
})

async function stopped(t: TestContext, options: AppOptions, name = 'slow-hook') {
  const app = await startApp(t, name, { args: ['5'], ...options })
  if (name === 'slow-hook') app.kill('SIGTERM')
  return (await app.exited).report
}

function fileWith(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-grace-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'annotations')
  writeFileSync(file, text)
  return file
}
