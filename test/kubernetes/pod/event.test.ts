import process from 'node:process'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../../lib/create-shutdown.ts'
import { type Answers, pod, refusal, say, startApiServer } from '../../support/api-server.ts'
import { type AppOptions, type Exited, startApp } from '../../support/app.ts'
import { type TestContext, test } from '../../support/suite.ts'

interface Told {
  readonly exited: Exited
  /** What came with the POST. */
  readonly events: readonly { readonly line: string; readonly event: Record<string, unknown> }[]
}

async function stop(t: TestContext, answers: Answers, name: string, more: AppOptions = {}): Promise<Told> {
  const server = await startApiServer(t, answers)
  const options = { pod: { serviceAccount: server.serviceAccount, event: true }, ...more.options }
  const app = await startApp(t, name, { ...more, options, env: { ...server.env, ...more.env } })
  app.kill()
  const exited = await app.exited
  const posts = server.requests.filter(({ line }) => line.startsWith('POST'))
  return { exited, events: posts.map(({ line, body }) => ({ line, event: JSON.parse(body) })) }
}

const takesEvents: Answers = (line, response) =>
  line.startsWith('POST') ? say(response, 201, { kind: 'Event' }) : say(response, 200, pod({ dueInS: 30 }))

test('an event on the pod says how it ended, after all other hooks', async (t) => {
  const env = { CONTAINER_NAME: 'app' }
  const { exited, events } = await stop(t, takesEvents, 'logs-every-phase', { env })
  assert.is(exited.code, 0, exited.stderr)
  assert.is(events.length, 1)
  assert.is(events[0]?.line, 'POST /api/v1/namespaces/shop/events')
  const { message, firstTimestamp, lastTimestamp, ...event } = (events[0]?.event ?? {}) as Record<string, string>
  assert.equal(event, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: 'shop', generateName: 'cart-7d4b9c-x2x7z.' },
    involvedObject: {
      ...{ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'cart-7d4b9c-x2x7z', uid: 'uid-1' },
      fieldPath: 'spec.containers{app}',
    },
    ...{ type: 'Normal', reason: 'ShutdownClean', count: 1 },
    source: { component: 'lastcall' },
    ...{ reportingComponent: 'lastcall', reportingInstance: 'cart-7d4b9c-x2x7z' },
  })
  assert.match(message as string, /^clean: SIGTERM, done in .* of .*; 7 hooks, exit code 0$/)
  assert.match(firstTimestamp as string, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  assert.is(lastTimestamp, firstTimestamp)
  const { report } = exited
  assert.is(report.pod?.event?.outcome, 'answered')
  assert.is(report.hook('event on the pod').outcome, 'done')
  const endsOfOthers = report.hooks.filter(({ name }) => name !== 'event on the pod')
  const eventAt = report.hook('event on the pod').startedMs as number
  assert.ok(endsOfOthers.every((one) => (one.startedMs ?? 0) + (one.durationMs ?? 0) <= eventAt + 1))
})

test('an event names what was cut, within the deadline, when a hook of flush takes all that it gets', async (t) => {
  const { exited, events } = await stop(t, takesEvents, 'hung-hook', {
    options: { terminationGracePeriodSeconds: 2 },
    args: ['flush'],
  })
  const { report } = exited
  const event = events[0]?.event
  assert.equal([event?.type, event?.reason], ['Warning', 'ShutdownUnclean'])
  assert.match(event?.message as string, /^unclean: hook .* \(flush\) timed out after .*exit code 1$/)
  const { startedMs, durationMs, outcome } = report.hook('event on the pod')
  assert.is(outcome, 'done')
  assert.ok((startedMs ?? 0) + (durationMs ?? 0) <= report.clock.deadlineMs, 'the event came after the deadline')
})

test('no other hook can have the name of the event', (t) => {
  process.env.KUBERNETES_SERVICE_HOST = '127.0.0.1'
  process.env.POD_NAMESPACE = 'shop'
  t.after(() => ['KUBERNETES_SERVICE_HOST', 'POD_NAMESPACE'].map((name) => Reflect.deleteProperty(process.env, name)))
  const shutdown = createShutdown({ pod: { event: true } })
  t.after(() => shutdown.dispose())
  assert.throws(() => shutdown.hook('event on the pod', () => {}), /a hook named "event on the pod" exists already/)
})

test('an event that is refused, or never answered, costs nothing but itself', async (t) => {
  const refusing: Answers = (line, response) =>
    line.startsWith('POST')
      ? say(response, 403, refusal(403, 'Forbidden', 'events is forbidden'))
      : say(response, 200, pod({ dueInS: 30 }))
  const silent: Answers = (line, response) =>
    line.startsWith('POST') ? undefined : say(response, 200, pod({ dueInS: 30 }))
  const short = { options: { terminationGracePeriodSeconds: 2 } }
  const [refused, unanswered] = await Promise.all([
    stop(t, refusing, 'logs-every-phase'),
    stop(t, silent, 'logs-every-phase', short),
  ])
  assert.equal([refused.exited.code, refused.exited.report.pod?.event?.outcome], [0, 'forbidden'])
  assert.match(
    refused.exited.stderr,
    /^lastcall: no event on our own pod: forbidden \(HTTP 403: events is forbidden\)$/m,
  )
  assert.match(refused.exited.report.pod?.event?.why as string, /events is forbidden/)
  const { code, report } = unanswered.exited
  assert.equal([code, report.outcome, report.pod?.event?.outcome], [0, 'clean', 'timed out'])
  assert.ok(report.durationMs <= report.clock.deadlineMs, `${report.durationMs} ms`)
})

test('without an answer for the pod its uid may come from POD_UID; without one there is no event', async (t) => {
  const answers: Answers = (line, response) =>
    line.startsWith('POST') ? say(response, 201, {}) : say(response, 403, refusal(403, 'Forbidden', 'no'))
  const [known, unknown] = await Promise.all([
    stop(t, answers, 'logs-every-phase', { env: { POD_UID: 'uid-9' } }),
    stop(t, answers, 'logs-every-phase'),
  ])
  assert.match(JSON.stringify(known.events[0]?.event.involvedObject), /"uid":"uid-9"/)
  assert.equal(unknown.events, [])
  assert.is(unknown.exited.report.pod?.event?.why, "the pod's uid is not known")
  assert.is(unknown.exited.code, 0)
})
