import { rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { inCluster } from '../../../lib/kubernetes/pod/in-cluster.ts'
import { OwnPod } from '../../../lib/kubernetes/pod/own-pod.ts'
import type { PodReport } from '../../../lib/kubernetes/pod/pod-report.ts'
import { type Answers, type ApiServer, pod, refusal, say, startApiServer } from '../../support/api-server.ts'
import { certificate } from '../../support/certificate.ts'
import { type TestContext, test } from '../../support/suite.ts'

interface Asked {
  readonly report: PodReport
  readonly ownPod: OwnPod
  /** From the begin to SIGKILL, as it was reckoned. */
  readonly killInMs: number | undefined
  readonly tookMs: number
}

async function ask(t: TestContext, server: ApiServer, env: object = {}, askMs = 15_000): Promise<Asked> {
  const cluster = inCluster(server.serviceAccount, { ...server.env, ...env })
  if (typeof cluster === 'string') throw new Error(cluster)
  const begunAt = performance.now()
  let killInMs: number | undefined
  let ownPod: OwnPod | undefined
  const report = await new Promise<PodReport>((resolve) => {
    ownPod = new OwnPod({
      ...{ cluster, watch: false, preStopSeconds: undefined, askMs },
      killAt: (killAt) => {
        killInMs = killAt - begunAt
      },
      // What it knows is noted once, and the moment told right after it.
      noted: (noted) => noted.outcome !== 'asked' && setImmediate(() => resolve(noted)),
    })
    ownPod.begin(begunAt, true)
  })
  t.after(() => ownPod?.over())
  return { report, ownPod: ownPod as OwnPod, killInMs, tookMs: performance.now() - begunAt }
}

const answering =
  (status: number, object: unknown): Answers =>
  (_, response) =>
    say(response, status, object)

/** Whole seconds, the time since the object was made, and a busy machine. */
function isBetween(value: number | undefined, least: number, most: number): void {
  assert.ok(value !== undefined && value >= least && value <= most, `${value} is not from ${least} to ${most}`)
}

test('a pod that is being deleted tells when SIGKILL comes, and since when it is', async (t) => {
  const server = await startApiServer(t, (_, r) => say(r, 200, pod({ dueInS: 12, deletionGracePeriodSeconds: 20 })))
  const { report, ownPod, killInMs } = await ask(t, server)
  assert.is(report.outcome, 'answered')
  assert.is(report.reckonedFrom, 'deletionTimestamp')
  assert.is(report.deletionGracePeriodSeconds, 20)
  assert.is(report.terminationGracePeriodSeconds, 30)
  isBetween(killInMs, 7_000, 12_100)
  assert.is(ownPod.deleted(), true)
  isBetween(performance.now() - (ownPod.deletionStartedAt() as number), 7_900, 14_000)
  assert.is(server.requests[0]?.line, 'GET /api/v1/namespaces/shop/pods/cart-7d4b9c-x2x7z')
})

test('the token is read anew for each request', async (t) => {
  const server = await startApiServer(t, (_, r) => say(r, 200, pod({ dueInS: 12 })))
  await ask(t, server)
  writeFileSync(join(server.serviceAccount, 'token'), 'second-token')
  await ask(t, server)
  assert.equal(
    server.requests.map(({ token }) => token),
    ['Bearer first-token', 'Bearer second-token'],
  )
})

test('without a token nobody is asked, and the report says so', async (t) => {
  const server = await startApiServer(t, answering(200, pod()))
  rmSync(join(server.serviceAccount, 'token'))
  const { report, ownPod } = await ask(t, server)
  assert.is(report.outcome, 'failed')
  assert.match(report.why as string, /the service account cannot be read: ENOENT.*token/)
  assert.equal(server.requests, [])
  assert.is(ownPod.deleted(), undefined)
})

test('a token that is no text of one line is refused before it is sent', async (t) => {
  const server = await startApiServer(t, answering(200, pod()))
  writeFileSync(join(server.serviceAccount, 'token'), 'two\nlines')
  const { report } = await ask(t, server)
  assert.is(report.outcome, 'failed')
  assert.not.match(report.why as string, /two/)
  assert.equal(server.requests, [])
})

test('a server that another CA has signed never sees the token', async (t) => {
  const server = await startApiServer(t, answering(200, pod()))
  writeFileSync(join(server.serviceAccount, 'ca.crt'), certificate.cert)
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  t.after(() => Reflect.deleteProperty(process.env, 'NODE_TLS_REJECT_UNAUTHORIZED'))
  const { report } = await ask(t, server)
  assert.is(report.outcome, 'failed')
  assert.match(report.why as string, /certificate/)
  assert.equal(server.requests, [])
})

test('a server whose certificate names other addresses never sees the token', async (t) => {
  const server = await startApiServer(t, answering(200, pod()), '127.0.0.2')
  const { report } = await ask(t, server)
  assert.match(report.why as string, /127\.0\.0\.2 is not in the cert/)
  assert.equal(server.requests, [])
})

for (const host of ['::1', '[::1]']) {
  test(`the API server may have an IPv6 address: ${host}`, async (t) => {
    const server = await startApiServer(t, (_, r) => say(r, 200, pod({ dueInS: 12 })), '::1')
    const { report } = await ask(t, server, { KUBERNETES_SERVICE_HOST: host })
    assert.is(report.outcome, 'answered', report.why as string)
  })
}

const REFUSALS: readonly [number, object, PodReport['outcome'], RegExp][] = [
  [401, refusal(401, 'Unauthorized', 'Unauthorized'), 'forbidden', /^HTTP 401: Unauthorized$/],
  [403, refusal(403, 'Forbidden', 'pods "x" is forbidden: User cannot get'), 'forbidden', /^HTTP 403: pods "x" is/],
  [404, refusal(404, 'NotFound', 'pods "x" not found'), 'not found', /not found \(it was deleted by force\)$/],
  [503, { oops: 'a proxy' }, 'failed', /^HTTP 503: \{"oops":"a proxy"\}$/],
  [200, { kind: 'Service' }, 'failed', /^the answer is no Pod$/],
]
for (const [status, body, outcome, why] of REFUSALS) {
  test(`an answer of ${status} is '${outcome}', and the reason is told`, async (t) => {
    const { report, killInMs, ownPod } = await ask(t, await startApiServer(t, answering(status, body)))
    assert.is(report.outcome, outcome)
    assert.match(report.why as string, why)
    assert.is(killInMs, undefined)
    // A pod with our name, and none is there: only a delete by force does that.
    assert.is(ownPod.deleted(), status === 404 ? true : undefined)
  })
}

test('a name that is only the host’s says nothing when no pod has it, and the report names POD_NAME', async (t) => {
  const server = await startApiServer(t, answering(404, refusal(404, 'NotFound', 'pods "x" not found')))
  const { report, ownPod } = await ask(t, server, { POD_NAME: undefined })
  assert.match(report.why as string, /set POD_NAME/)
  assert.is(ownPod.deleted(), undefined)
  assert.is(report.name, hostname())
})

test('another pod of that name, by its uid, moves nothing', async (t) => {
  const server = await startApiServer(t, (_, r) => say(r, 200, pod({ dueInS: 5, uid: 'uid-2' })))
  const { report, killInMs, ownPod } = await ask(t, server, { POD_UID: 'uid-1' })
  assert.is(report.outcome, 'another pod')
  assert.is(report.why, 'its uid is uid-2, and POD_UID is uid-1')
  assert.equal([killInMs, ownPod.deleted(), ownPod.deletionStartedAt()], [undefined, true, undefined])
})

test('without POD_UID a pod that is younger than this process is another one', async (t) => {
  const createdAt = new Date(Date.now() + 60_000).toISOString()
  const server = await startApiServer(t, (_, r) => say(r, 200, pod({ dueInS: 5, createdAt })))
  assert.is((await ask(t, server)).report.outcome, 'another pod')
  const { report } = await ask(t, server, { POD_UID: 'uid-1' })
  assert.is(report.outcome, 'answered')
})

test('an API server that never answers is given up', async (t) => {
  const server = await startApiServer(t, () => {})
  const { report } = await ask(t, server, {}, 200)
  assert.is(report.outcome, 'timed out')
  assert.is(report.why, 'no answer within 200 ms')
})

test('an answer that breaks off, or is no JSON, is a failure in words', async (t) => {
  const broken = await startApiServer(t, (_, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('{"kind"', () => response.destroy())
  })
  assert.is((await ask(t, broken)).report.outcome, 'failed')
  const text = await startApiServer(t, (_, response) => response.end('<html>'))
  assert.is((await ask(t, text)).report.outcome, 'failed')
})

test('nobody listens: a failure in words', async (t) => {
  const server = await startApiServer(t, () => {})
  const { report } = await ask(t, server, { KUBERNETES_SERVICE_PORT: '1' })
  assert.is(report.outcome, 'failed')
  assert.match(report.why as string, /ECONNREFUSED/)
})

test('a clock that is ahead or behind is allowed for: the answer brings the time', async (t) => {
  for (const hours of [-1, 1]) {
    const server = await startApiServer(t, (_, response) => {
      response.setHeader('date', new Date(Date.now() + hours * 3_600_000).toUTCString())
      say(response, 200, pod({ dueInS: hours * 3_600 + 12, deletionGracePeriodSeconds: 30 }))
    })
    const { report, killInMs } = await ask(t, server)
    isBetween((report.clockAheadMs as number) * -hours, 3_590_000, 3_610_000)
    isBetween(killInMs, 5_000, 12_100)
  }
})

test('where no answer brings the time, no clock gives more than the grace period, or less than the 2 s that the kubelet leaves', async (t) => {
  for (const [dueInS, least, most] of [
    [3_600, 19_900, 27_000],
    [-3_600, 1_999, 2_001],
  ] as const) {
    const server = await startApiServer(t, (_, response) => {
      response.sendDate = false
      say(response, 200, pod({ dueInS, deletionGracePeriodSeconds: 20 }))
    })
    const { killInMs, ownPod } = await ask(t, server)
    isBetween(killInMs, least, most)
    assert.ok((ownPod.deletionStartedAt() as number) <= performance.now())
  }
})

test('a pod that nobody deletes: the smallest limit that it names, less its preStop hook', async (t) => {
  const probe = { terminationGracePeriodSeconds: 10 }
  const cases = [
    [{}, {}, 'spec', 30_000],
    [{ livenessProbe: probe }, {}, 'livenessProbe', 10_000],
    [{ startupProbe: { terminationGracePeriodSeconds: 5 }, livenessProbe: probe }, {}, 'startupProbe', 5_000],
    [{ livenessProbe: probe, lifecycle: { preStop: { sleep: { seconds: 4 } } } }, {}, 'livenessProbe', 6_000],
    [{ livenessProbe: probe, lifecycle: { preStop: { sleep: { seconds: 10 } } } }, {}, 'livenessProbe', 2_000],
    [{ livenessProbe: probe }, { CONTAINER_NAME: 'other' }, 'spec', 30_000],
  ] as const
  for (const [container, env, from, killAfterMs] of cases) {
    const server = await startApiServer(t, answering(200, pod({ container })))
    const { report, killInMs, ownPod } = await ask(t, server, env)
    assert.equal([report.reckonedFrom, Math.round(killInMs as number)], [from, killAfterMs])
    assert.equal([ownPod.deleted(), ownPod.deletionStartedAt()], [false, undefined])
  }
})
