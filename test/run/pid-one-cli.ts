import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { can } from '../support/can.ts'
import type { TestContext } from '../support/suite.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))

/** Node replaces itself by another program since 22.15; an older line has no init but the container's own. */
export const noExecve = 'execve' in process ? false : 'needs Node 22 or newer'

/** Every init that run becomes, and why this machine cannot try it. */
export const INITS = ['tini', 'catatonit', 'dumb-init', 'sh'].map((name) => ({
  name,
  skip: noExecve || can.program(name),
}))

export function cliIn(folder = repository): string {
  return join(folder, 'dist/cli.js')
}

/** lastcall and the test apps without any package beside them: where koffi is not installed. */
export function withoutKoffi(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-alone-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'test'))
  for (const part of ['package.json', 'dist', 'test/apps']) {
    cpSync(join(repository, part), join(folder, part), { recursive: true })
  }
  return folder
}
