import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { heading } from './machine.ts'

// What does the watchdog cost: how long its start holds the main thread, and what it takes while it sleeps? Each figure
// comes from a process of its own. `node --import tsx bench/watchdog.ts PATH…` measures other lines of Node, too.
const ROUNDS = 9
const PROGRAM = `
import { createShutdown } from 'lastcall'
import { setTimeout as sleep } from 'node:timers/promises'
const watchdog = process.argv[1] === 'on'
const shutdown = createShutdown({ exit: false, watchdog, logger: () => {}, terminationGracePeriodSeconds: 30 })
const start = (run) => { const at = performance.now(); run(); return performance.now() - at }
shutdown.hook('waits', async () => {
  await sleep(1_000)
  const rssMb = process.memoryUsage.rss() / 1e6
  const before = process.cpuUsage()
  await sleep(2_000)
  const { user, system } = process.cpuUsage(before)
  console.log(JSON.stringify({ startMs, rssMb, idleCpuMs: (user + system) / 1_000 }))
})
const startMs = start(() => void shutdown.begin())
`

type Figures = Record<'startMs' | 'rssMb' | 'idleCpuMs', number>

console.log(heading('npm run bench -- watchdog'))
console.log('start of a shutdown (ms of the main thread), memory, CPU in 2 s of it; the watchdog off and on')
for (const node of [process.execPath, ...process.argv.slice(2)]) {
  const all: Record<string, Figures[]> = { off: [], on: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const state of ['off', 'on']) all[state]?.push(measure(node, state))
  }
  const median = (state: string, figure: keyof Figures): number =>
    (all[state] ?? []).map((one) => one[figure]).sort((a, b) => a - b)[ROUNDS >> 1] as number
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
  for (const figure of ['startMs', 'rssMb', 'idleCpuMs'] as const) {
    const [off, on] = [median('off', figure), median('on', figure)]
    console.log(
      `${version}  ${figure.padEnd(10)} off ${off.toFixed(1)}  on ${on.toFixed(1)}  more ${(on - off).toFixed(1)}`,
    )
  }
}

function measure(node: string, state: string): Figures {
  const text = execFileSync(node, ['--input-type=module', '--eval', PROGRAM, '--', state], { encoding: 'utf8' })
  return JSON.parse(text) as Figures
}
