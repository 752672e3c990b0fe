// npm run demo: what happens to `bash start.sh` when its pod is deleted, bare and under `lastcall run`; then how a Node
// service spends its grace period when one of its hooks hangs. Both run side by side, in about 7 seconds; then servers
// are stopped under load one after the other, and what their clients lost is counted, in 6 more.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { drawTimeline } from '../../lib/report/timeline.ts'
import { drawEndings } from './draw-endings.ts'
import { drawLosses } from './load/draw-losses.ts'
import { BEST_PEER, type Loss, stopUnderLoad } from './load/stop-under-load.ts'
import { paintFor } from './paint.ts'
import { findPlace, type Place } from './places.ts'
import { Block } from './screen.ts'
import { type Ending, startPod } from './stop-pod.ts'
import { stopService } from './stop-service.ts'

const GRACE_SECONDS = 5
const GRACE_MS = GRACE_SECONDS * 1000
const START_SH = fileURLToPath(new URL('start.sh', import.meta.url))
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

const SHELL = isInstalled('bash') ? 'bash' : 'sh'
const SCRIPT = [SHELL, START_SH]
const BARE = { title: `${SHELL} start.sh`, command: SCRIPT }
const LASTCALL = {
  title: 'lastcall run',
  command: [process.execPath, CLI, 'run', '--grace', String(GRACE_SECONDS), '--', ...SCRIPT],
}
const INITS = [
  { title: 'tini', command: ['tini', '--', ...SCRIPT] },
  { title: 'tini -g', command: ['tini', '-g', '--', ...SCRIPT] },
  { title: 'dumb-init', command: ['dumb-init', ...SCRIPT] },
  { title: 'catatonit', command: ['catatonit', '--', ...SCRIPT] },
]

function isInstalled(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined
}

function introduction(place: Place): string[] {
  const how = place.isNamespace
    ? `Each below is PID 1 of a namespace made by ${place.name}, and is stopped as\n` +
      `a kubelet does it: SIGTERM, and SIGKILL when ${GRACE_SECONDS} s are over.`
    : 'This machine allows no PID namespace (unshare and podman were tried), so this\n' +
      'is what happens without one: a shell that is not PID 1 dies of SIGTERM at once.'
  return [
    '',
    paint.bold(`1. kubectl delete pod, when the container runs \`${SHELL} start.sh\``),
    '',
    'The script starts a server in the foreground; the server needs 0.5 s to clean',
    'up when it is told to stop, and does so in its SIGTERM handler.',
    ...how.split('\n'),
    '',
  ]
}

/** Those who are not PID 1 end differently, so without a namespace the inits would prove nothing. */
function contestants(place: Place): (typeof BARE)[] {
  const inits = place.isNamespace ? INITS.filter(({ command: [init = ''] }) => isInstalled(init)) : []
  return [BARE, ...inits, LASTCALL]
}

async function stopPods(place: Place): Promise<Ending[]> {
  const pods = contestants(place).map(({ title, command }) => startPod(place, title, command))
  const dispose = (): void => {
    for (const pod of pods) pod.dispose()
  }
  process.once('exit', dispose)
  await Promise.all(pods.map((pod) => pod.ready))
  const block = new Block()
  const endings: Ending[] = []
  const draw = (isLast: boolean): void => block.draw(drawEndings(endings.filter(Boolean), GRACE_MS, paint), isLast)
  const redraw = setInterval(() => draw(false), 50)
  await Promise.all(
    pods.map(async (pod, i) => {
      endings[i] = await pod.stop(GRACE_MS, (ending) => {
        endings[i] = ending
      })
    }),
  )
  clearInterval(redraw)
  draw(true)
  dispose()
  process.off('exit', dispose)
  return endings
}

const paint = paintFor(process.stdout)
if (!existsSync('/proc/self/stat')) {
  console.log('The demo plays with processes as Linux shows them in /proc, and this system has none.')
  process.exit(1)
}
if (!existsSync(CLI)) {
  console.log('dist/ is missing: run npm ci or npm run build first.')
  process.exit(1)
}
// Ctrl-C ends what was started, by the `exit` listeners.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

const place = findPlace()
console.log(introduction(place).join('\n'))
const service = stopService(GRACE_SECONDS)
await stopPods(place)

const { report, answer, code } = await service
console.log(
  [
    '',
    paint.dim('░ runs and knows nothing   █ cleans up   ✔ gone by itself   ✗ killed'),
    '',
    paint.bold('2. A Node service with three hooks; its message broker hangs for ever'),
    '',
    `SIGTERM came with a request in flight; its client got ${answer}. The broker is given`,
    'up in time, so that the traces keep their share of the grace period.',
    '',
    ...drawTimeline(report, { width: 80 }),
    '',
    `${report.verdict}, exit code ${code}`,
    '',
  ].join('\n'),
)

console.log(
  [
    paint.bold('3. A server is stopped under load: what its clients lose'),
    '',
    'A server that answers after 20 ms, 50 clients that keep their connections and',
    '50 that make a new one for each request; stopped by server.close(), by',
    `${BEST_PEER}, and by shutdown.server(server).`,
    'Lost: a reset, or no whole answer, on a connection that was accepted.',
    '',
  ].join('\n'),
)
const block = new Block()
const losses: readonly Loss[] = await stopUnderLoad(GRACE_MS, (soFar) =>
  block.draw(drawLosses(soFar, GRACE_MS, paint), false),
)
block.draw(drawLosses(losses, GRACE_MS, paint), true)
console.log(`\n${paint.dim('█ runs   ✔ gone by itself   ✗ killed')}\n`)
