// Stops the same script again and again, four at once, as whoever runs it; prints what was not as it should be.
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { newCookie, TREE_COOKIE } from '../../lib/process-tree/cookie.ts'
import { readStat } from '../../lib/process-tree/find-linux.ts'
import { Members } from '../../lib/process-tree/members.ts'
import type { ProcessId } from '../../lib/process-tree/process-id.ts'
import { stopTree } from '../../lib/process-tree/stop/stop.ts'
import { eventsOf, newFolder } from './started-script.ts'

/** What is stopped, and what must be true of it: exit code, events in order, and the text in the file `kept`. */
interface Script {
  readonly text: string
  readonly ready: readonly string[]
  readonly code: number
  readonly told: string
  readonly events: readonly string[]
  readonly kept?: string
}

// system() changes nothing about SIGTERM: this one does not handle it.
const LAUNCHER = `exit(system("sh", "-c", "perl server.pl a 0.03; true") >> 8)`

const SCRIPTS: Readonly<Record<string, Script>> = {
  /** 4 of 24 failed when a signal that is blocked was believed at first sight: dash blocks all of them around a fork. */
  'after-work': {
    text: 'perl server.pl a 0.03; sleep 0.3; echo "b done" >>events.log',
    ready: ['a ready'],
    code: 0,
    told: 'perl server.pl a 0.03',
    events: ['a ready', 'a told SIGTERM', 'a cleaned', 'b done'],
  },
  launcher: {
    text: `perl -e '${LAUNCHER}'; exit $?`,
    ready: ['a ready'],
    code: 0,
    told: 'perl server.pl a 0.03',
    events: ['a ready', 'a told SIGTERM', 'a cleaned'],
  },
  /** 9 of 50 failed when a dying writer was seen without its pipe. */
  pipeline: {
    text: 'node server.js a 30 | perl reader.pl kept',
    ready: ['a ready', 'reader ready'],
    code: 0,
    told: 'node server.js a 30',
    events: ['a told SIGTERM', 'a cleaned', 'reader ended'],
    kept: 'a: ready\na: cleaning up\na: last line\n',
  },
}

const [name = '', rounds = '50'] = process.argv.slice(2)
const script = SCRIPTS[name] as Script
const wrong: string[] = []
let begun = 0
await Promise.all(
  [1, 2, 3, 4].map(async () => {
    while (begun++ < Number(rounds)) await stopOnce()
  }),
)
console.log(JSON.stringify({ rounds: Number(rounds), wrong }))

async function stopOnce(): Promise<void> {
  const folder = newFolder()
  const cookie = newCookie()
  const env = { ...process.env, [TREE_COOKIE]: cookie }
  const child = spawn('sh', ['-c', script.text], { cwd: folder, detached: true, stdio: 'ignore', env })
  const code = new Promise((resolve) => child.once('exit', (status, signal) => resolve(signal ?? status)))
  const members = new Members(readStat(child.pid as number) as ProcessId, { cookie, ownGroup: true })
  while (!script.ready.every((event) => eventsOf(folder).includes(event))) await pause(10)
  const { told, killed } = await stopTree(members, { signal: 'SIGTERM', timeoutMs: 20_000 })
  const events = eventsOf(folder).slice(-script.events.length)
  const kept = script.kept === undefined ? undefined : readFileSync(join(folder, 'kept'), 'utf8')
  const found = JSON.stringify({ code: await code, killed, told: told.map(({ name }) => name), events, kept })
  const right = JSON.stringify({
    code: script.code,
    killed: 0,
    told: [script.told],
    events: script.events,
    kept: script.kept,
  })
  if (found !== right) wrong.push(found)
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
