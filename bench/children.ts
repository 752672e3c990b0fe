import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { createShutdown } from 'lastcall'
import { processes } from '../test/support/processes.ts'
import { heading } from './machine.ts'

// What does it cost to supervise a child: to start and to stop it, to have it, and to let it idle? `spawn` and `execa`
// in the same run. Each figure comes from a process of its own.
const COMMAND = ['sleep', '600'] as const
const SIZES = [1, 10, 100]
const ROUNDS = 7
const IDLE_MS = 10_000

interface Started {
  readonly stop: () => Promise<unknown>
}
type Starter = (count: number) => Promise<Started>

const STARTERS: Readonly<Record<string, Starter>> = {
  async lastcall(count) {
    const shutdown = createShutdown({ exit: false, logger: () => {} })
    const children = numbers(count).map((n) => shutdown.supervise(`child ${n}`, COMMAND))
    await Promise.all(children.map((child) => child.ready))
    return {
      stop: async () => {
        await Promise.all(children.map((child) => child.stop()))
        shutdown.dispose()
      },
    }
  },
  async spawn(count) {
    const children = numbers(count).map(() => spawn(COMMAND[0], COMMAND.slice(1), { stdio: 'pipe' }))
    await Promise.all(children.map((child) => once(child, 'spawn')))
    return {
      stop: () =>
        Promise.all(
          children.map((child) => {
            child.kill()
            return once(child, 'exit')
          }),
        ),
    }
  },
  async execa(count) {
    const children = numbers(count).map(() => execa(COMMAND[0], COMMAND.slice(1), { reject: false }))
    await Promise.all(children.map((child) => once(child, 'spawn')))
    return {
      stop: () =>
        Promise.all(
          children.map((child) => {
            child.kill()
            return child
          }),
        ),
    }
  },
}

/** Each is one JSON line of a process of its own. */
const PARTS: Readonly<Record<string, (who: string, count: number) => Promise<object>>> = {
  async times(who, count) {
    const start = STARTERS[who] as Starter
    const rounds: { startMs: number; stopMs: number }[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const begin = performance.now()
      const { stop } = await start(count)
      const started = performance.now()
      await stop()
      rounds.push({ startMs: started - begin, stopMs: performance.now() - started })
    }
    return { startMs: median(rounds.map((one) => one.startMs)), stopMs: median(rounds.map((one) => one.stopMs)) }
  },

  /** Memory of this process for each child, with the first ten already there: what is loaded once does not count. */
  async memory(who, count) {
    const start = STARTERS[who] as Starter
    const first = await start(1)
    await sleep(500)
    const before = memory()
    if (who !== 'lastcall') {
      const rest = await start(count)
      await sleep(500)
      const after = memory()
      await Promise.all([first.stop(), rest.stop()])
      return { heapKb: (after.heap - before.heap) / count / 1024, rssKb: (after.rss - before.rss) / count / 1024 }
    }
    // A second createShutdown() is the first one.
    const shutdown = createShutdown()
    const children = numbers(count).map((n) => shutdown.supervise(`more ${n}`, COMMAND))
    await Promise.all(children.map((child) => child.ready))
    await sleep(500)
    const after = memory()
    await Promise.all(children.map((child) => child.stop()))
    await first.stop()
    return { heapKb: (after.heap - before.heap) / count / 1024, rssKb: (after.rss - before.rss) / count / 1024 }
  },

  /** Processor time of this process and of its guard while the children do nothing. */
  async idle(who, count) {
    const { stop } = await (STARTERS[who] as Starter)(count)
    await sleep(2_000)
    const guard = processes().find((one) => one.ppid === process.pid && commandOf(one.pid).startsWith('lastcall guard'))
    const before = [process.cpuUsage(), guard ? ticks(guard.pid) : 0] as const
    await sleep(IDLE_MS)
    const { user, system } = process.cpuUsage(before[0])
    const guardMs = guard ? (ticks(guard.pid) - before[1]) * 10 : 0
    await stop()
    return { ownMs: (user + system) / 1000, guardMs }
  },

  /** From the first `supervise` until the guard listens, and its memory. */
  async guard() {
    const begin = performance.now()
    const { stop } = await (STARTERS.lastcall as Starter)(1)
    let pid: number | undefined
    while (pid === undefined) {
      await sleep(1)
      pid = processes().find((one) => one.ppid === process.pid && commandOf(one.pid).startsWith('lastcall guard'))?.pid
    }
    const startMs = performance.now() - begin
    await sleep(1_000)
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    const kb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1])
    await stop()
    return { startMs, rssMb: kb('Rss') / 1024, pssMb: kb('Pss') / 1024, privateMb: kb('Private_Dirty') / 1024 }
  },

  /** A child that writes 64 MB as fast as it may, into a reader that takes ten times as long as it could. */
  async output() {
    const shutdown = createShutdown({ exit: false, logger: () => {} })
    const [lines, length] = [640_000, 100]
    const text = 'x'.repeat(length - 1)
    const before = process.memoryUsage.rss()
    let [seen, most] = [0, 0]
    const child = shutdown.supervise('loud', ['sh', '-c', `yes ${text} | head -n ${lines}`], {
      restart: 'never',
      output: () => {
        if (++seen % 1_000 !== 0) return undefined
        most = Math.max(most, process.memoryUsage.rss() - before)
        return sleep(5)
      },
    })
    for await (const event of child) if (event.type === 'state' && event.state === 'gone') break
    shutdown.dispose()
    return { writtenMb: (lines * length) / 1e6, linesLost: lines - seen, grownMb: most / 2 ** 20 }
  },
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function memory(): { readonly heap: number; readonly rss: number } {
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, rss }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** User and system time, in hundredths of a second. */
function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return Number(fields[11]) + Number(fields[12])
}

function measure(part: string, who = 'lastcall', count = 1): Record<string, number> {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', fileURLToPath(import.meta.url), part, who, String(count)],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`${part} of ${who}: ${stderr}`)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

function row(first: string, ...cells: (string | number | undefined)[]): void {
  const texts = cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(cell < 10 ? 1 : 0) : String(cell)))
  console.log(first.padEnd(34) + texts.map((text) => text.padStart(12)).join(''))
}

const [part, who = 'lastcall', count = '1'] = process.argv.slice(2)
if (part) {
  console.log(JSON.stringify(await PARTS[part]?.(who, Number(count))))
} else {
  console.log(heading('node --import tsx bench/children.ts'))
  const names = Object.keys(STARTERS)
  console.log(`\nms to start and to stop children of ${COMMAND.join(' ')}, side by side, median of ${ROUNDS}\n`)
  row('', ...names.flatMap((name) => [`${name} start`, 'stop']))
  for (const size of SIZES) {
    const cells = names.flatMap((name) => {
      const { startMs, stopMs } = measure('times', name, size)
      return [startMs, stopMs]
    })
    row(`${size} children`, ...cells)
  }
  console.log('\nkB of this process for each of 100 children: heap after a collection, and resident\n')
  row('', 'heap', 'resident')
  for (const name of names) {
    const { heapKb, rssKb } = measure('memory', name, 100)
    row(name, heapKb, rssKb)
  }
  console.log('\nms of processor time while 100 children idle for 10 s\n')
  row('', 'own', 'guard')
  for (const name of ['lastcall', 'spawn']) {
    const { ownMs, guardMs } = measure('idle', name, 100)
    row(name, ownMs, guardMs)
  }
  const guard = measure('guard')
  console.log('\nThe guard: ms until it listens, MB\n')
  row('', 'ms', 'resident', 'its share', 'private')
  row('guard', guard.startMs, guard.rssMb, guard.pssMb, guard.privateMb)
  const output = measure('output')
  console.log('\nOutput faster than its reader: MB\n')
  row('', 'written', 'lines lost', 'grown by')
  row('lastcall', output.writtenMb, output.linesLost, output.grownMb)
}
