import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { Report } from '../../lib/report/report.ts'
import { type App, type Exited, type ProgramOptions, startCli } from '../support/app.ts'
import { environment, type Process, readProcess, tree } from '../support/processes.ts'
import type { TestContext } from '../support/suite.ts'
import { until } from '../support/until.ts'

/** A server in JavaScript that says which signals it gets: see test/apps/says-signals.js. */
export function saysSignals(code = 0, keeps = ''): string[] {
  return [process.execPath, fileURLToPath(new URL('../apps/says-signals.js', import.meta.url)), String(code), keeps]
}

/** `lastcall run OPTIONS -- COMMAND`, once the command says `ready`. */
export function startRun(
  t: TestContext,
  options: readonly string[],
  command: readonly string[],
  program: ProgramOptions = {},
): Promise<App> {
  return startCli(t, ['run', ...options, '--', ...command], program)
}

/** The same for a command that ends by itself. */
export async function runToEnd(
  t: TestContext,
  options: readonly string[],
  command: readonly string[],
  program: ProgramOptions = {},
): Promise<Exited> {
  const app = await startRun(t, options, command, { ready: false, ...program })
  return app.exited
}

/** `run` in a namespace of its own, as seen from outside, and the first of that namespace: its init, or itself. */
export async function theRun(app: App): Promise<{ readonly run: Process; readonly first: Process }> {
  // Before it has started its command it may be about to become an init.
  const run = (await until('run has started its command', () => {
    const command = tree(app.pid).find((p) => environment(p.pid).LASTCALL_TREE !== undefined)
    return command && readProcess(command.ppid)
  })) as Process
  const above = readProcess(run.ppid)
  const isInit = above !== undefined && /^(tini|catatonit|dumb-init|sh|dash|bash|busybox)$/.test(above.comm)
  return { run, first: isInit ? above : run }
}

/** What `--json` printed. */
export function jsonReport({ stderr }: Exited): Report {
  const line = stderr.split('\n').find((text) => text.startsWith('{"outcome"'))
  if (!line) throw new Error(`there is no report on stderr:\n${stderr}`)
  return JSON.parse(line) as Report
}
