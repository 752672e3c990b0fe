import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { newCookie, TREE_COOKIE } from '../../lib/process-tree/cookie.ts'
import { readStat } from '../../lib/process-tree/find-linux.ts'
import { Members } from '../../lib/process-tree/members.ts'
import type { ProcessId } from '../../lib/process-tree/process-id.ts'
import { stopTree } from '../../lib/process-tree/stop/stop.ts'
import type { StopOptions, StopResult } from '../../lib/process-tree/stop/stop-result.ts'
import { type App, startProgram } from '../support/app.ts'
import { children, type Process } from '../support/processes.ts'
import type { TestContext } from '../support/suite.ts'
import { until } from '../support/until.ts'

/** A shell script that runs, in a folder of its own with the servers of real-trees/, and can be stopped. */
export interface StartedScript {
  readonly app: App
  readonly folder: string
  readonly members: Members
  /** Lines of events.log, in the order in which things happened; without the pids. */
  events(): string[]
  /** The shell's children. */
  children(): Process[]
  stop(options?: Partial<StopOptions>): Promise<StopResult>
}

export interface ScriptOptions {
  /** @default ['sh'] */
  readonly shell?: readonly string[]
  /** Events to wait for. @default ['a ready'] */
  readonly ready?: readonly string[]
}

export async function startScript(t: TestContext, text: string, options: ScriptOptions = {}): Promise<StartedScript> {
  const { shell = ['sh'], ready = ['a ready'] } = options
  const folder = newFolder()
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  const cookie = newCookie()
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    ENV: undefined,
    BASH_ENV: undefined,
    [TREE_COOKIE]: cookie,
  }
  const app = await startProgram(t, [...shell, '-c', text], { cwd: folder, ready: false, env })
  const members = new Members(readStat(app.pid) as ProcessId, { cookie, ownGroup: true })
  const events = () => eventsOf(folder)
  await until(`${text} is up`, events, (seen) => ready.every((event) => seen.includes(event)), { signal: t.signal })
  return {
    app,
    folder,
    members,
    events,
    children: () => children(app.pid),
    stop: (stopOptions) => stopTree(members, { signal: 'SIGTERM', timeoutMs: 10_000, ...stopOptions }),
  }
}

/** With the servers in it; whoever runs the script may write there. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-script-'))
  for (const servers of ['servers/', 'real-trees/servers/']) {
    cpSync(new URL(servers, import.meta.url), folder, { recursive: true })
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'events.log'), '')
  for (const name of ['', 'events.log']) chmodSync(join(folder, name), 0o777)
  return folder
}

export function eventsOf(folder: string): string[] {
  const lines = readFileSync(join(folder, 'events.log'), 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => line.replace(/ pid \d+$/, ''))
}
