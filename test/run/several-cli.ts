import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { CommandOptions, RunConfig } from '../../lib/run/several/config/run-config.ts'
import { type App, type ProgramOptions, startProgram } from '../support/app.ts'
import { alive, type Process } from '../support/processes.ts'
import type { TestContext } from '../support/suite.ts'
import { until } from '../support/until.ts'

export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

const CHILD = fileURLToPath(new URL('../apps/child.js', import.meta.url))

/** Says `listens`; told to stop it cleans up for `ms`, and ends with 0: test/apps/child.js. */
export function service(ms = 50, more: Partial<CommandOptions> = {}): CommandOptions {
  return { command: [process.execPath, CHILD, String(ms)], ready: { line: 'listens' }, ...more }
}

/** A folder of its own with these files. */
export function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'lastcall-several-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

export interface SeveralOptions extends ProgramOptions {
  readonly args?: readonly string[]
  readonly node?: string
}

/** `lastcall run ARGS` where a lastcall.config.json has these commands. */
export function startConfig(t: TestContext, config: RunConfig, options: SeveralOptions = {}): Promise<App> {
  const { args = [], node = process.execPath, ...program } = options
  const cwd = folder(t, { 'lastcall.config.json': JSON.stringify(config) })
  return startProgram(t, [node, CLI, 'run', ...args], { ready: false, cwd, ...program })
}

/** The lines about the course of events, without what differs from run to run. */
export function events(stderr: string): string[] {
  return [...stderr.matchAll(/^lastcall run: (.*)$/gm)].map(([, text = '']) =>
    text
      .replace(/pid \d+/, 'pid')
      .replace(/after \d+\.\d s/, 'after')
      .replace(/in \d+ ms/, 'in ms'),
  )
}

/** All of these have ended; the guard, which reads of our end from a pipe, a moment later than the rest. */
export async function gone(all: readonly Process[]): Promise<void> {
  await until(
    'nobody of all commands is left',
    () => all.filter(alive),
    (left) => left.length === 0,
    { limitMs: 2_000 },
  )
}
