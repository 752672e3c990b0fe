import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  alive,
  commandLine,
  kill,
  marked,
  type Process,
  processes,
  readProcess,
  tree,
} from '../test/support/processes.ts'
import { heading } from './machine.ts'

// Two commands under one supervisor, each with its own defaults and 5 s of grace: what do SIGTERM and a crash do, how much
// memory does it take, how soon does a command run? Peers that are not in package.json are looked for in --peers DIR
// (npm i --prefix DIR pm2 foreman) and in PATH (s6), and skipped by name.
const { values } = parseArgs({
  options: { peers: { type: 'string', default: '' }, rounds: { type: 'string', default: '5' } },
})
const ROOT = fileURLToPath(new URL('../', import.meta.url))
const MARK = 'LASTCALL_BENCH'
const GRACE_MS = 5_000
/** Long after the grace: whoever is still there then was not going to end. */
const KILLED_MS = 12_000

type Commands = Readonly<Record<string, string>>

interface Supervisor {
  readonly name: string
  /** Undefined where it is not installed; else what starts it in a folder of its own. */
  readonly start: ((commands: Commands, folder: string) => readonly string[]) | undefined
}

function found(file: string): string | undefined {
  const places = file.includes('/') ? [file] : (process.env.PATH ?? '').split(delimiter).map((one) => join(one, file))
  return places.find((place) => existsSync(place))
}

function ifThere(
  file: string,
  start: (bin: string, commands: Commands, folder: string) => readonly string[],
): Supervisor['start'] {
  const bin = found(file)
  return bin === undefined ? undefined : (commands, folder) => start(bin, commands, folder)
}

function procfile(commands: Commands, folder: string): string {
  const lines = Object.entries(commands).map(([name, line]) => `${name}: ${line}`)
  writeFileSync(join(folder, 'Procfile'), `${lines.join('\n')}\n`)
  return join(folder, 'Procfile')
}

const peer = (name: string): string => join(values.peers, 'node_modules/.bin', name)
const SUPERVISORS: readonly Supervisor[] = [
  {
    name: 'lastcall run',
    start: ifThere(join(ROOT, 'dist/cli.js'), (bin, commands) => [
      ...[process.execPath, bin, 'run', '--grace', '5'],
      ...Object.entries(commands).map(([name, line]) => `${name}=${line}`),
    ]),
  },
  {
    name: 'concurrently',
    start: ifThere(join(ROOT, 'node_modules/.bin/concurrently'), (bin, commands) => [
      ...[bin, '--kill-timeout', `${GRACE_MS}`, '-n', Object.keys(commands).join(), ...Object.values(commands)],
    ]),
  },
  {
    name: 'foreman',
    start: ifThere('foreman', (bin, commands, folder) => [bin, 'start', '-t', '5', '-f', procfile(commands, folder)]),
  },
  {
    name: 'foreman (npm)',
    start: ifThere(peer('nf'), (bin, commands, folder) => [bin, 'start', '-j', procfile(commands, folder)]),
  },
  {
    name: 'pm2-runtime',
    start: ifThere(peer('pm2-runtime'), (bin, commands, folder) => {
      const apps = Object.entries(commands).map(([name, line]) => ({
        name,
        script: '/bin/sh',
        args: ['-c', line],
        kill_timeout: GRACE_MS,
      }))
      writeFileSync(join(folder, 'apps.json'), JSON.stringify({ apps }))
      return [bin, 'start', join(folder, 'apps.json')]
    }),
  },
  {
    name: 's6-svscan',
    start: ifThere('s6-svscan', (bin, commands, folder) => {
      for (const [name, line] of Object.entries(commands)) {
        mkdirSync(join(folder, 'scan', name), { recursive: true })
        writeFileSync(join(folder, 'scan', name, 'run'), `#!/bin/sh\nexec ${line}\n`, { mode: 0o755 })
        writeFileSync(join(folder, 'scan', name, 'timeout-kill'), `${GRACE_MS}\n`)
      }
      return [bin, join(folder, 'scan')]
    }),
  },
]

interface Running {
  readonly pid: number
  readonly identity: Process
  readonly folder: string
  readonly startedAt: number
  readonly ended: Promise<string>
  readonly living: () => ReturnType<typeof marked>
}

async function start({ start: argv }: Supervisor, commands: (folder: string) => Commands): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-bench-'))
  const [file = '', ...args] = argv?.(commands(folder), folder) ?? []
  const mark = folder
  const startedAt = performance.now()
  const child = spawn(file, args, {
    ...{ cwd: folder, detached: true, stdio: 'ignore' },
    // PM2's own signal is SIGINT, which would make it another question.
    env: { ...process.env, [MARK]: mark, PM2_HOME: join(folder, 'pm2'), PM2_KILL_SIGNAL: 'SIGTERM' },
  })
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`))
  })
  const pid = child.pid as number
  return { pid, identity: readProcess(pid) as Process, folder, startedAt, ended, living: () => marked(MARK, mark) }
}

async function clear({ living, folder, pid, identity }: Running): Promise<void> {
  const all = (): ReturnType<typeof marked> => [...living(), ...(alive(identity) ? tree(pid) : [])].filter(alive)
  for (let left = all(); left.length > 0; left = all()) {
    kill(left)
    await sleep(50)
  }
  rmSync(folder, { recursive: true, force: true })
}

async function until(holds: () => boolean, limitMs = 10_000): Promise<boolean> {
  for (const end = performance.now() + limitMs; performance.now() < end; await sleep(10)) if (holds()) return true
  return false
}

const server = (folder: string): string =>
  `${process.execPath} -e "require('fs').writeFileSync('${folder}/ready','');process.on('SIGTERM',()=>setTimeout(()=>{require('fs').writeFileSync('${folder}/clean','');process.exit()},500));setInterval(()=>{},1e3)"`

async function stop(supervisor: Supervisor): Promise<string> {
  const running = await start(supervisor, (folder) => {
    writeFileSync(join(folder, 'start.sh'), `${server(folder)}\necho after the server\n`)
    writeFileSync(join(folder, 'deaf.sh'), 'trap "" TERM\nsleep 60\nsleep 60\n')
    return { web: `bash ${folder}/start.sh`, deaf: `bash ${folder}/deaf.sh` }
  })
  const { folder, ended, living, pid } = running
  await until(() => existsSync(join(folder, 'ready')))
  await sleep(300)
  const at = performance.now()
  process.kill(pid, 'SIGTERM')
  const how = await Promise.race([ended, sleep(KILLED_MS, undefined)])
  const ms = performance.now() - at
  await sleep(200)
  const left = living().filter(alive)
  const cleaned = existsSync(join(folder, 'clean'))
  await clear(running)
  const gone =
    how === undefined ? `still there after ${KILLED_MS / 1000} s` : `gone after ${(ms / 1000).toFixed(1)} s, ${how}`
  return `web ${cleaned ? 'cleaned up' : 'did not clean up'}; ${gone}${how === undefined ? '' : `; ${left.length} left behind`}`
}

async function crash(supervisor: Supervisor): Promise<string> {
  const running = await start(supervisor, (folder) => ({
    other: `sh -c 'touch ${folder}/ready; exec sleep 60'`,
    crash: `sh -c 'echo >> ${folder}/count; sleep 0.2; exit 3'`,
  }))
  const { folder, ended, living } = running
  await until(() => existsSync(join(folder, 'ready')))
  const how = await Promise.race([ended, sleep(8_000, undefined)])
  await sleep(200)
  const runs = readFileSync(join(folder, 'count'), 'utf8').length
  const isOther = living().some((one) => /^sleep 60/.test(commandLine(one.pid)))
  await clear(running)
  return `${runs} run${runs === 1 ? '' : 's'} in 8 s; ${how === undefined ? 'it goes on' : `it ends with ${how}`}; the other one ${isOther ? 'runs' : 'is stopped'}`
}

async function memory(supervisor: Supervisor): Promise<string> {
  const running = await start(supervisor, (folder) => ({
    a: `sh -c 'touch ${folder}/ready; exec sleep 60'`,
    b: 'sleep 60',
  }))
  await until(() => existsSync(join(running.folder, 'ready')))
  await sleep(2_000)
  // By descent: the guard has no environment, and others overwrite theirs with their title.
  const own = tree(running.pid, processes()).filter((one) => !/^(sh|\/bin\/sh|sleep) /.test(commandLine(one.pid)))
  const kilobytes = own.reduce((sum, one) => sum + pss(one.pid), 0)
  await clear(running)
  return `${(kilobytes / 1024).toFixed(1)} MB in ${own.length} process${own.length === 1 ? '' : 'es'}`
}

/** Proportional set size: what is shared with others counts in parts. */
function pss(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
}

async function startTime(supervisor: Supervisor): Promise<string> {
  const times: number[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const running = await start(supervisor, (folder) => ({
      a: `sh -c 'touch ${folder}/ready; exec sleep 60'`,
      b: 'sleep 60',
    }))
    while (!existsSync(join(running.folder, 'ready'))) await sleep(1)
    times.push(performance.now() - running.startedAt)
    await clear(running)
  }
  return `${Math.round(times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0)} ms`
}

console.log(
  heading(`npm run bench -- several (or: node --import tsx bench/several.ts --peers ${values.peers || 'DIR'})`),
)
for (const supervisor of SUPERVISORS) {
  if (!supervisor.start) {
    console.log(`\n${supervisor.name}: not installed, skipped`)
    continue
  }
  console.log(`\n${supervisor.name}`)
  console.log(`  SIGTERM  ${await stop(supervisor)}`)
  console.log(`  a crash  ${await crash(supervisor)}`)
  console.log(`  memory   ${await memory(supervisor)} (proportional), beside two commands`)
  console.log(`  start    ${await startTime(supervisor)} until a command runs, median of ${values.rounds}`)
}
