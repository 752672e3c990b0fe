import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { findProgram } from '../../lib/children/plan/find-program.ts'
import { test } from '../support/suite.ts'

const cases: readonly [what: string, program: string, env: NodeJS.ProcessEnv, cwd: string][] = [
  ['a relative entry of PATH', 'tool', { PATH: 'bin' }, '.'],
  ['a relative entry that is there from our folder alone', 'tool', { PATH: 'lib' }, 'elsewhere'],
  ['a relative entry from the folder of the child', 'tool', { PATH: '../bin' }, 'elsewhere'],
  ['a point in PATH', 'tool', { PATH: '.' }, 'bin'],
  ['an empty PATH: the folder of the child', 'tool', { PATH: '' }, 'bin'],
  ['an empty PATH elsewhere', 'tool', { PATH: '' }, '.'],
  ['an empty entry', 'tool', { PATH: '/nowhere:' }, 'bin'],
  ['no PATH, and a program of the system', 'sh', {}, '.'],
  ['no PATH, and one that is only in ours', 'only-in-ours', {}, '.'],
  ['a path', './bin/tool', {}, '.'],
  ['a path from elsewhere', './bin/tool', {}, 'elsewhere'],
]

for (const [what, program, env, folder] of cases) {
  test(`the search finds what spawn finds: ${what}`, (t) => {
    const root = mkdtempSync(join(tmpdir(), 'lastcall-find-'))
    t.after(() => rmSync(root, { recursive: true }))
    for (const name of ['bin', 'elsewhere']) mkdirSync(join(root, name))
    for (const name of ['tool', 'only-in-ours']) {
      writeFileSync(join(root, 'bin', name), '#!/bin/sh\n')
      chmodSync(join(root, 'bin', name), 0o755)
    }
    const ours = process.env.PATH
    t.after(() => (process.env.PATH = ours))
    process.env.PATH = `${join(root, 'bin')}:${ours}`
    const cwd = join(root, folder)
    const starts = spawnSync(program, ['-c', ':'], { env, cwd }).error === undefined
    assert.is(isFound(program, env, cwd), starts)
  })
}

function isFound(program: string, env: NodeJS.ProcessEnv, cwd: string): boolean {
  try {
    findProgram(program, env, cwd)
    return true
  } catch {
    return false
  }
}
