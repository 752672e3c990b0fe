import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { extensionAfterMs, stoppingMessage } from '../../lib/systemd/message.ts'
import { type App, startApp, startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const skip = can.linux() || can.program('systemd-notify') || can.program('python3')

test('one message covers all the time that is left, and the next comes long before its end', () => {
  assert.equal(stoppingMessage(1_234.5), ['STOPPING=1', 'EXTEND_TIMEOUT_USEC=1235000'])
  assert.equal([30_000, 120_000, 900].map(extensionAfterMs), [10_000, 10_000, 500])
})

test(
  'systemd hears that the service stops, and again while that lasts, never beyond our own SIGKILL',
  async (t) => {
    const { env, heard } = await serviceManager(t)
    const app = await startApp(t, 'slow-hook', { args: ['1200'], env, options: { terminationGracePeriodSeconds: 2.4 } })
    app.kill('SIGTERM')
    const { report } = await app.exited
    await until('two messages came', heard, (messages) => messages.length >= 2, { signal: t.signal })
    const lefts = heard().map(({ stopping, extendMs }) => (stopping ? extendMs : Number.NaN))
    for (const left of lefts) assert.ok(left > 0 && left <= 2_400, `${lefts}`)
    assert.ok((lefts[1] as number) < (lefts[0] as number), `${lefts}`)
    // The timer is the app's own.
    assert.equal([report.outcome, report.openHandles, report.clock.source], ['clean', ['timer'], 'option'])
  },
  { skip },
)

test(
  'a service that goes on after its shutdown says nothing, nor does a child of the service',
  async (t) => {
    const { env, heard } = await serviceManager(t)
    const options = { terminationGracePeriodSeconds: 3 }
    const silent = [
      startApp(t, 'slow-hook', { args: ['5'], env, options: { ...options, exit: false } }),
      startApp(t, 'slow-hook', { args: ['5'], env: { ...env, LASTCALL_TREE: '1-abc' }, options }),
    ]
    for (const app of await Promise.all(silent)) await stopped(app)
    // The last one speaks, so that whatever the others said has come.
    const app = await startApp(t, 'slow-hook', { args: ['300'], env, options })
    app.kill('SIGTERM')
    await until('a message came', heard, (messages) => messages.length > 0, { signal: t.signal })
    await app.exited
    assert.is(heard().length, 1)
  },
  { skip },
)

test('where the program or the socket is missing, or nothing may be started, all goes on as without', async (t) => {
  const withoutProgram = { NOTIFY_SOCKET: '/nowhere/notify', PATH: '/nowhere' }
  const withoutSocket = { NOTIFY_SOCKET: '/nowhere/notify' }
  const forbidden = [
    Number(process.versions.node.split('.')[0]) >= 24 ? '--permission' : '--experimental-permission',
    '--allow-fs-read=*',
    '--allow-fs-write=*',
  ]
  const rounds: [NodeJS.ProcessEnv, string[]][] = [
    [withoutProgram, []],
    [withoutSocket, []],
    [withoutSocket, forbidden],
  ]
  await Promise.all(
    rounds.map(async ([env, execArgv]) => {
      const app = await startApp(t, 'slow-hook', { args: ['300'], env, execArgv, options: { watchdog: false } })
      app.kill('SIGTERM')
      const { code, report } = await app.exited
      assert.equal([code, report.outcome, report.errors], [0, 'clean', []])
    }),
  )
})

async function stopped(app: App): Promise<void> {
  app.kill('SIGTERM')
  await app.says(/lastcall: clean/)
}

async function serviceManager(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-notify-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const place = join(folder, 'notify')
  const script = new URL('./notify_socket.py', import.meta.url).pathname
  const manager = await startProgram(t, ['python3', script, place])
  const heard = () =>
    manager.stdout
      .split('\n')
      .filter((line) => line.startsWith('['))
      .map((line) => JSON.parse(line) as string[])
      .map((lines) => ({
        stopping: lines.includes('STOPPING=1'),
        extendMs: Number(lines.find((line) => line.startsWith('EXTEND_TIMEOUT_USEC='))?.split('=')[1]) / 1_000,
      }))
  return { env: { NOTIFY_SOCKET: place }, heard }
}
