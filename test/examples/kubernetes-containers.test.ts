import { chmodSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as assert from 'uvu/assert'
import { parse, stringify } from 'yaml'
import { can } from '../support/can.ts'
import { redisIsAbsent, startRedis } from '../support/redis.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { EXAMPLES } from './example.ts'
import { renderChart } from './kubernetes-chart.ts'
import { ExampleImages, endsAs } from './kubernetes-image.ts'

const skip = can.root() || can.podman() || can.program('runc')
const limitMs = 60_000

let images: ExampleImages | undefined
/** Made once: the base images cost seconds. */
const build = (example: string, name: string): { images: ExampleImages; image: string } => {
  images ??= new ExampleImages()
  return { images, image: images.build(example, `localhost/example/${name}:1.0.0`) }
}

/** A program of a few lines, to run inside. */
const inline = (code: string): string[] => ['node', '--input-type=module', '-e', code]

/** The status and the body. */
const ask = (url: string): string[] =>
  inline(`const answer = await fetch('${url}'); console.log(answer.status, (await answer.text()).trim())`)

/** A request before SIGTERM, and one after it: routing has not heard of it yet. */
const CLIENT_OF_WEB = `
  const get = (url, headers = {}) => fetch('http://127.0.0.1:' + url, { headers })
  console.log('before:', (await get('8080/before')).status)
  const stopping = async () => (await (await get('9000/livez', { accept: 'application/json' })).json()).stopping
  while (!(await stopping())) await new Promise((resolve) => setTimeout(resolve, 20))
  console.log('stopping:', await stopping())
  console.log('late:', (await get('8080/late')).status)
`

test(
  'examples/kubernetes/01-web serves on while it is the lame duck, answers what was asked, and then closes the database',
  async (t) => {
    const { images, image } = build('01-web', 'web')
    const env = { KUBERNETES_SERVICE_HOST: '192.0.2.1', TERMINATION_GRACE_PERIOD_SECONDS: '12' }
    const web = await images.run(t, image, { env })
    assert.is(web.exec(...ask('http://127.0.0.1:9000/readyz')), '200 ready')
    const client = web.begin(...inline(CLIENT_OF_WEB))
    await web.app.says('GET /before')
    const ended = await web.stop(12)
    assert.is(await client, 'before: 200\nstopping: SIGTERM\nlate: 200')
    endsAs(ended, {
      ...{ code: 0, says: ['ready', 'GET /before', 'GET /late', 'the database closes'], withinMs: 12_000 },
      message: /^lastcall: clean: SIGTERM/,
    })
  },
  { skip, limitMs },
)

test(
  'examples/kubernetes/02-start-script: SIGTERM reaches the server below the script, whose last line still runs',
  async (t) => {
    const { images, image } = build('02-start-script', 'start-script')
    const running = await images.run(t, image, { ready: /server: ready/, env: { MIGRATION_MS: '10' } })
    endsAs(await running.stop(20), {
      code: 0,
      says: [
        ...['migrate: running', 'migrate: done', 'server: ready', 'server: the database closes'],
        'start.sh: the server has ended, and this line still runs',
      ],
      message: /^lastcall: clean: SIGTERM/,
      withinMs: 10_000,
    })
  },
  { skip, limitMs },
)

test(
  'examples/kubernetes/02-start-script: stopped in the middle of the migration, it rolls back and starts no server',
  async (t) => {
    const { images, image } = build('02-start-script', 'start-script')
    const env = { MIGRATION_MS: '60000' }
    const running = await images.run(t, image, { ready: /migrate: running/, env })
    const ended = await running.stop(20)
    endsAs(ended, {
      ...{ code: 143, says: ['migrate: running', 'migrate: rolled back'], withinMs: 10_000 },
      message: /SIGTERM/,
    })
    assert.not.match(ended.stdout, 'server: ready')
  },
  { skip, limitMs },
)

/** With mails to ann and bob in the queue. */
async function startWorker(t: TestContext, ...command: string[]) {
  const { images, image } = build('03-queue-worker', 'worker')
  const { socket } = await startRedis(t)
  // Inside, the ordinary user node asks it.
  for (const path of [dirname(socket), socket]) chmodSync(path, 0o777)
  const args = ['-v', `${dirname(socket)}:${dirname(socket)}`]
  const env = { REDIS_URL: socket, MAIL_MS: '1500', TERMINATION_GRACE_PERIOD_SECONDS: '20' }
  const enqueue = await images.run(t, image, { args, env, command: ['node', 'enqueue.js', 'ann', 'bob'], ready: false })
  assert.is((await enqueue.app.exited).code, 0)
  const again = () => images.run(t, image, { args, env, command })
  return { worker: await again(), again }
}

test(
  'examples/kubernetes/03-queue-worker: the mail on its way is sent, and no other is begun',
  async (t) => {
    const { worker } = await startWorker(t)
    await worker.app.says('a mail to ann is on its way')
    endsAs(await worker.stop(20), {
      ...{ code: 0, says: ['a mail to ann is on its way', 'the mail to ann is sent'], withinMs: 10_000 },
      message: /^lastcall: clean: SIGTERM/,
    })
    assert.not.match(worker.app.stdout, 'bob')
  },
  { skip: skip || redisIsAbsent(), limitMs },
)

test(
  'examples/kubernetes/03-queue-worker as a Job: told to stop with work left it ends with 143, and with 0 when all is done',
  async (t) => {
    const command = ['node', 'worker.js', '--until-empty']
    const { worker, again } = await startWorker(t, ...command)
    await worker.app.says('a mail to ann is on its way')
    endsAs(await worker.stop(20), {
      ...{ code: 143, says: ['a mail to ann is on its way', 'the mail to ann is sent'], withinMs: 10_000 },
      message: /SIGTERM/,
    })
    const next = await again()
    assert.is((await next.app.exited).code, 0)
    assert.match(next.app.stdout, 'the mail to bob is sent')
    assert.not.match(next.app.stdout, 'ann')
  },
  { skip: skip || redisIsAbsent(), limitMs },
)

test(
  'examples/kubernetes/04-python-worker: the request on its way is answered, then the model is told and unloads',
  async (t) => {
    const { images, image } = build('04-python-worker', 'model')
    const service = await images.run(t, image, { ready: /^ready/m, env: { TERMINATION_GRACE_PERIOD_SECONDS: '20' } })
    const asked = service.begin(...ask('http://127.0.0.1:8080/12'))
    await service.app.says('GET /12')
    endsAs(await service.stop(20), {
      ...{ code: 0, says: ['GET /12', 'model | the model is unloaded'], withinMs: 10_000 },
      message: /^lastcall: clean: SIGTERM/,
    })
    assert.is(await asked, '200 144')
  },
  { skip: skip || can.program('python3'), limitMs },
)

test(
  'examples/kubernetes/05-native-sidecar: the shipper ships the last line of an app that has ended before it',
  async (t) => {
    const { images } = build('05-native-sidecar', 'logged')
    const { containers } = images
    // podman 4 knows no sidecars: as an ordinary container, stopped in the kubelet's order.
    const pod = parse(readFileSync(join(EXAMPLES, 'kubernetes/05-native-sidecar/pod.yaml'), 'utf8'))
    const { initContainers, ...spec } = pod.spec
    const [{ restartPolicy, ...shipper }] = initContainers
    const played = { ...pod, spec: { ...spec, containers: [shipper, ...spec.containers] } }
    await images.play(t, 'logged', stringify(played))
    const says = (name: string, text: string) =>
      until(
        `${name} says ${text}`,
        () => containers.podman('logs', `logged-${name}`),
        (log) => log.includes(text),
      )
    await says('app', 'app: ready')
    await says('shipper', 'shipper: ready')
    assert.is(containers.podman('exec', 'logged-app', ...ask('http://127.0.0.1:8080/a')), '200 hello')
    for (const name of ['app', 'shipper']) {
      containers.podman('stop', '-t', '20', `logged-${name}`)
      assert.is(containers.podman('wait', `logged-${name}`), '0')
    }
    const shipped = containers.podman('logs', 'logged-shipper').split('\n')
    assert.equal(shipped, ['shipper: ready', 'GET /a', 'the app closes', 'shipper: all is shipped'])
  },
  { skip, limitMs },
)

test(
  'examples/kubernetes/06-helm, rendered and played: the container knows the grace period of its pod',
  async (t) => {
    const { images } = build('06-helm', 'helm')
    const { containers } = images
    await images.play(
      t,
      'shop-pod-0',
      await renderChart({ name: 'shop', set: { gracePeriodSeconds: 17, replicas: 1 } }),
    )
    const log = () => containers.podman('logs', 'shop-pod-0-web')
    await until('it is ready', log, (text) => text.includes('ready'))
    assert.match(log(), 'grace period: 17 s')
    containers.podman('pod', 'stop', '-t', '17', 'shop-pod-0')
    assert.is(containers.podman('wait', 'shop-pod-0-web'), '0')
  },
  { skip, limitMs },
)
