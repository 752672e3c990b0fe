import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import treeKillCallback from 'tree-kill'
import { newCookie, TREE_COOKIE } from '../lib/process-tree/cookie.ts'
import { killTree } from '../lib/process-tree/index.ts'
import * as programs from '../test/process-tree/programs.ts'
import { group, kill, marked, type Process } from '../test/support/processes.ts'
import { heading } from './machine.ts'

// How long does it take to end a tree, and does anybody survive? `tree-kill` in the same run.
// Timed until killTree has proved the tree empty; tree-kill until its callback, which proves nothing.
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '100' }, 'tree-kill-rounds': { type: 'string', default: '3' } },
})
const rounds = Number(values.rounds)
const treeKillRounds = Number(values['tree-kill-rounds'])

type Kill = (pid: number) => Promise<unknown>
const lastcall: Kill = (pid) => killTree(pid, { signal: 'SIGKILL' })
const treeKill: Kill = (pid) => promisify<number, string>(treeKillCallback)(pid, 'SIGKILL')

interface Round {
  readonly ms: number
  readonly survivors: number
}

async function play(command: readonly string[], end: Kill, settleMs = 0): Promise<Round> {
  const cookie = newCookie()
  const [file = '', ...args] = command
  const env = { ...process.env, [TREE_COOKIE]: cookie }
  const root = spawn(file, args, { detached: true, stdio: ['ignore', 'pipe', 'ignore'], env })
  const pid = root.pid as number
  // Everybody in the tree holds the pipe, so its end proves that nobody is left. A list of processes proves nothing:
  // it misses whoever changes its pid faster than it is read.
  const empty = once(root.stdout, 'end').then(() => true)
  await once(root.stdout, 'data')
  await sleep(settleMs)
  const begin = performance.now()
  await end(pid)
  const ms = performance.now() - begin
  const gone = await Promise.race([empty, sleep(1_000, false)])
  if (gone) return { ms, survivors: 0 }
  const count = Math.max(1, survivors(pid, cookie).length)
  // What is left must not disturb the next round; a hopper escapes from this, and ends by itself after seconds.
  for (let left = true; left; left = !(await Promise.race([empty, sleep(20, false)]))) kill(survivors(pid, cookie))
  return { ms, survivors: count }
}

function survivors(pid: number, cookie: string): Process[] {
  return [...new Map([...marked(TREE_COOKIE, cookie), ...group(pid)].map((one) => [one.pid, one])).values()]
}

/** What was just forked is still at work; a tree that stands still is one that has had a moment. */
const SETTLE_MS = 300

async function playAll(command: readonly string[], end: Kill, count: number, settleMs = 0): Promise<Round[]> {
  const played: Round[] = []
  for (let i = 0; i < count; i++) played.push(await play(command, end, settleMs))
  return played
}

function median(played: readonly Round[]): number {
  return played.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(played.length / 2)] ?? Number.NaN
}

function slowest(played: readonly Round[]): number {
  return Math.max(...played.map(({ ms }) => ms))
}

function row(...cells: (string | number)[]): void {
  const texts = cells.map((cell) => (typeof cell === 'number' ? String(Math.round(cell)) : cell))
  console.log(texts.map((text, i) => (i === 0 ? text.padEnd(38) : text.padStart(16))).join(''))
}

console.log(heading(`node --import tsx bench/kill-tree.ts --rounds ${rounds} --tree-kill-rounds ${treeKillRounds}`))

console.log('\nSIGKILL to a tree that stands still, median ms\n')
row('tree', 'lastcall', 'tree-kill', 'times faster')
for (const shape of ['fan', 'chain'] as const) {
  for (const size of [100, 500]) {
    const ours = median(await playAll(programs[shape](size), lastcall, 7, SETTLE_MS))
    const theirs = median(await playAll(programs[shape](size), treeKill, treeKillRounds, SETTLE_MS))
    row(`${shape} of ${size}`, ours, theirs, theirs / ours)
    if (theirs / ours < 20) process.exitCode = 1
  }
}

console.log(`\nRounds with survivors, of ${rounds} (lastcall) and ${treeKillRounds} (tree-kill); ms\n`)
row('tree', 'lastcall', 'median', 'slowest', 'tree-kill', 'most survivors')
for (const [name, command] of Object.entries({
  'a shell that keeps forking, 400 times': programs.forkRace(400),
  'hopper: its pid changes all the time': programs.hopper,
  'the same in a session of its own': programs.hopperInOwnSession,
  'the same, as fast as the machine can': programs.hopperAtFullSpeed,
  'the same, a new session at every hop': programs.hopperInNewSessions,
  'double fork': programs.doubleFork,
  'setsid daemon': programs.daemon,
})) {
  const ours = await playAll(command, lastcall, rounds)
  const theirs = await playAll(command, treeKill, treeKillRounds)
  const failed = (played: readonly Round[]): number => played.filter((one) => one.survivors > 0).length
  row(name, failed(ours), median(ours), slowest(ours), failed(theirs), Math.max(...theirs.map((one) => one.survivors)))
  if (failed(ours) > 0) process.exitCode = 1
}
