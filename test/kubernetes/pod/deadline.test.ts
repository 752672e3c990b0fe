import { rmSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type Answers, pod, refusal, say, startApiServer } from '../../support/api-server.ts'
import { type AppOptions, type AppReport, type Exited, startApp } from '../../support/app.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

/** A service whose hook in `drain` ends as soon as it has as many milliseconds left as `left` says, and may block then. */
async function stop(
  t: TestContext,
  answers: Answers,
  left: readonly number[],
  { options = {}, env = {}, ...app }: AppOptions & { pod?: object } = {},
): Promise<{ exited: Exited; report: AppReport; requests: readonly { line: string }[] }> {
  const server = await startApiServer(t, answers)
  const given = { pod: { serviceAccount: server.serviceAccount, ...app.pod }, ...options }
  const service = await startApp(t, 'waits-for-time', {
    ...app,
    ...{ args: left.map(String), options: given, env: { ...server.env, ...env } },
  })
  service.kill()
  const exited = await service.exited
  return { exited, report: exited.report, requests: server.requests }
}

test('a pod that is deleted with less time than the default has that deadline, in hooks that run already, too', async (t) => {
  const answers: Answers = (_, r) => say(r, 200, pod({ dueInS: 9, deletionGracePeriodSeconds: 10 }))
  const { exited, report } = await stop(t, answers, [0, 9_000])
  assert.is(exited.code, 0, exited.stderr)
  assert.is(report.clock.source, 'pod')
  assert.ok(report.clock.terminationGracePeriodSeconds < 15, `${report.clock.terminationGracePeriodSeconds}`)
  assert.ok(report.hook('work').limitMs < 15_000)
  assert.is(report.pod?.reckonedFrom, 'deletionTimestamp')
  assert.equal(report.openHandles, ['timer'])
})

for (const [what, object] of [
  ['is deleted with more time', { dueInS: 60, deletionGracePeriodSeconds: 60 }],
  ['has a longer grace period, and is not being deleted,', { terminationGracePeriodSeconds: 60 }],
] as const) {
  test(`a pod that ${what} than the default has the later deadline, in hooks that run already, too`, async (t) => {
    const { exited, report } = await stop(t, (_, r) => say(r, 200, pod(object)), [40_000, 60_000])
    assert.is(exited.code, 0, exited.stderr)
    assert.is(report.clock.source, 'pod')
    assert.ok(report.clock.deadlineMs > 45_000 && report.clock.deadlineMs < 59_100, `${report.clock.deadlineMs}`)
    assert.ok(report.hook('work').limitMs > 40_000)
    assert.ok(report.phase('drain').limitMs > 40_000)
  })
}

test('the watchdog and a hook’s own limit follow to a later deadline: a loop that is blocked over the assumed one is nobody’s fault', async (t) => {
  const answers: Answers = (_, r) => say(r, 200, pod({ dueInS: 8, deletionGracePeriodSeconds: 8 }))
  const env = { TERMINATION_GRACE_PERIOD_SECONDS: '2' }
  // Blocked from within the first second to beyond the second one, when its watchdog would have ended it.
  const { exited, report } = await stop(t, answers, [4_000, 8_000, 2_200], { env })
  assert.equal([exited.code, report.ended, report.watchdog.state], [0, 'done', 'on'])
  assert.is(report.hook('work').outcome, 'done')
})

test("what the environment says is overridden, be it more or less; the app's option and a parent may only be shortened", async (t) => {
  const longer: Answers = (_, r) => say(r, 200, pod({ dueInS: 60, deletionGracePeriodSeconds: 60 }))
  const environment = { TERMINATION_GRACE_PERIOD_SECONDS: '5' }
  const [lengthened, asOption, below] = await Promise.all([
    stop(t, longer, [40_000, 60_000], { env: environment }),
    stop(t, longer, [0, 200], { options: { terminationGracePeriodSeconds: 2 } }),
    stop(t, longer, [0, 200], { env: { TERMINATION_GRACE_PERIOD_SECONDS: '2', LASTCALL_TREE: '1-a' } }),
  ])
  assert.is(lengthened.report.clock.source, 'pod')
  assert.is(asOption.report.clock.source, 'option')
  assert.is(below.report.clock.source, 'TERMINATION_GRACE_PERIOD_SECONDS')
  for (const { report } of [asOption, below]) {
    assert.is(report.pod?.outcome, 'answered')
    assert.is(report.clock.deadlineMs, 1_800)
  }
})

test('an error of our own makes nobody kill us: a pod that is not being deleted moves nothing', async (t) => {
  const server = await startApiServer(t, (_, r) => say(r, 200, pod({ terminationGracePeriodSeconds: 60 })))
  const options = { pod: { serviceAccount: server.serviceAccount } }
  const execArgv = ['--import', 'data:text/javascript,process.once("SIGUSR1", () => { throw new Error("oops") })']
  const env = { ...server.env, DEBUG: 'lastcall:pod' }
  const app = await startApp(t, 'waits-for-time', { args: ['0', '0'], options, env, execArgv })
  app.kill('SIGUSR1')
  await app.says(/outcome: 'answered'/)
  app.kill('SIGUSR2')
  const { report } = await app.exited
  assert.is(report.reason.kind, 'error')
  assert.equal([report.pod?.outcome, report.pod?.reckonedFrom], ['answered', undefined])
  assert.is(report.clock.source, 'default')
})

test('an API server that never answers delays nothing', async (t) => {
  const { exited, report } = await stop(t, () => {}, [0, 60_000])
  assert.is(exited.code, 0)
  assert.is(report.outcome, 'clean')
  assert.is(report.pod?.outcome, 'asked')
  assert.match(report.pod?.why as string, /the shutdown was over before the answer came/)
  assert.ok(report.durationMs < 2_500, `${report.durationMs} ms`)
  assert.is(report.clock.source, 'default')
  assert.equal(report.openHandles, ['timer'])
})

test('a token that nobody can read costs nothing but the answer', async (t) => {
  const server = await startApiServer(t, () => {})
  rmSync(join(server.serviceAccount, 'token'))
  const options = { pod: { serviceAccount: server.serviceAccount } }
  const app = await startApp(t, 'waits-for-time', { args: ['0', '60000'], options, env: server.env })
  app.kill()
  const { code, report } = await app.exited
  assert.is(code, 0)
  assert.is(report.pod?.outcome, 'failed')
  assert.match(report.pod?.why as string, /the service account cannot be read/)
})

test('outside of a cluster it says so once, and goes on', async (t) => {
  const env = { KUBERNETES_SERVICE_HOST: undefined }
  const app = await startApp(t, 'waits-for-time', { args: ['0', '60000'], options: { pod: true }, env })
  app.kill()
  const { code, report, stderr } = await app.exited
  assert.is(code, 0)
  assert.equal(stderr.match(/this is no cluster: KUBERNETES_SERVICE_HOST is not set/g)?.length, 1)
  assert.equal(report.pod, {
    outcome: 'failed',
    why: 'this is no cluster: KUBERNETES_SERVICE_HOST is not set. Leave out the option pod',
    tookMs: 0,
  })
})

test('watched, a second and shorter delete moves the deadline, also when the API server ends the watch in between', async (t) => {
  const first = pod({ dueInS: 30 })
  let watches = 0
  const watching: Answers = (line, response) => {
    if (!line.includes('watch=1')) return say(response, 200, first)
    const lines = (...news: [string, object][]): string =>
      news.map(([type, object]) => `${JSON.stringify({ type, object })}\n`).join('')
    // Another pod's, and what is not of a pod, is passed over.
    const other = pod({ dueInS: 1, uid: 'uid-2' })
    response.write(lines(['ADDED', first], ['BOOKMARK', { kind: 'Pod' }], ['MODIFIED', other]))
    watches += 1
    if (watches === 1) return void response.end(lines(['ERROR', refusal(410, 'Expired', 'too old')]))
    // In two parts, as the network likes it.
    const text = lines(['MODIFIED', pod({ dueInS: 6, deletionGracePeriodSeconds: 6 })])
    response.write(text.slice(0, 50), () => setTimeout(() => response.write(text.slice(50)), 50))
  }
  const { report, requests } = await stop(t, watching, [3_000, 6_000], { pod: { watch: true } })
  assert.equal([report.pod?.watch?.outcome, report.clock.source], ['answered', 'pod'])
  assert.is(report.pod?.deletionGracePeriodSeconds, 6)
  assert.ok(report.hook('work').limitMs < 15_000)
  assert.equal(report.openHandles, ['timer'])
  assert.match(requests[1]?.line as string, /pods\?watch=1&fieldSelector=metadata\.name%3Dcart-7d4b9c-x2x7z$/)
})

test('the watch ends with the shutdown, where the process goes on', async (t) => {
  let closed = false
  const server = await startApiServer(t, (line, response, request) => {
    if (!line.includes('watch=1')) return say(response, 200, pod({ dueInS: 30 }))
    response.write('\n')
    request.socket.once('close', () => {
      closed = true
    })
  })
  const options = { pod: { serviceAccount: server.serviceAccount, watch: true }, exit: false }
  const env = { ...server.env, DEBUG: 'lastcall:pod' }
  const app = await startApp(t, 'waits-for-time', { args: ['0', '0'], options, env })
  app.kill()
  await app.says(/watch: { outcome: 'answered'/)
  app.kill('SIGUSR2')
  await app.says(/^lastcall: clean/m)
  await until('the connection has ended', () => closed, Boolean, { signal: t.signal })
  assert.is(app.process.exitCode, null)
})

test('a watch that is refused is told, and costs nothing', async (t) => {
  const server = await startApiServer(t, (line, response) =>
    line.includes('watch=1')
      ? say(response, 403, refusal(403, 'Forbidden', 'cannot watch pods'))
      : say(response, 200, pod({ dueInS: 30 })),
  )
  const options = { pod: { serviceAccount: server.serviceAccount, watch: true } }
  const env = { ...server.env, DEBUG: 'lastcall:pod' }
  const app = await startApp(t, 'waits-for-time', { args: ['0', '0'], options, env })
  app.kill()
  await app.says(/outcome: 'forbidden'/)
  app.kill('SIGUSR2')
  const { code, report } = await app.exited
  assert.equal([code, report.pod?.outcome, report.pod?.watch?.outcome], [0, 'answered', 'forbidden'])
  assert.match(report.pod?.watch?.why as string, /cannot watch/)
})
