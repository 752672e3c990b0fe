import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { Report } from '../../lib/report/report.ts'
import { type App, type Exited, type ProgramOptions, startCli } from '../support/app.ts'
import type { TestContext } from '../support/suite.ts'

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

/** What `--json` printed. */
export function jsonReport({ stderr }: Exited): Report {
  const line = stderr.split('\n').find((text) => text.startsWith('{"outcome"'))
  if (!line) throw new Error(`there is no report on stderr:\n${stderr}`)
  return JSON.parse(line) as Report
}
