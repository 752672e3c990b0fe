import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { createShutdown } from '../lib/create-shutdown.ts'
import { ERROR_CODES } from '../lib/errors.ts'
import { killTree, listTree } from '../lib/process-tree/index.ts'
import { version } from '../lib/shutdown/other-version.ts'
import { register, unregister } from '../lib/shutdown/registry.ts'
import { can } from './support/can.ts'
import { test } from './support/suite.ts'

const PAGE = readFileSync(fileURLToPath(new URL('../docs/errors.md', import.meta.url)), 'utf8')

/** What docs/errors.md says that a piece of code throws. */
interface Case {
  readonly code: string
  readonly source: string
  readonly message: string
}

const CASES: readonly Case[] = PAGE.split(/^## /m).flatMap((section) => {
  const code = section.slice(0, section.indexOf('\n'))
  const pairs = section.matchAll(/```js\n(.+?)```\n+```text\n(.+?)\n```/gs)
  return [...pairs].map(([, source = '', message = '']) => ({ code, source, message }))
})

test('docs/errors.md has a heading for each code, in the order of errors.ts, with at least one message', () => {
  const headings = [...PAGE.matchAll(/^## (ERR_\w+)$/gm)].map(([, code]) => code)
  assert.equal(headings, [...ERROR_CODES])
  assert.equal(
    ERROR_CODES.filter((code) => !CASES.some((one) => one.code === code)),
    [],
  )
})

for (const { code, source, message } of CASES) {
  const needsProcesses = /killTree|listTree/.test(source)
  test(
    `docs/errors.md is right about what throws: ${source.trim().split('\n').at(-1)}`,
    async (t) => {
      t.after(() => createShutdown().dispose())
      if (code === 'ERR_LASTCALL_VERSION') createdByOlder()
      const error = await thrownBy(source)
      // Where the first call was is the reader's own file.
      const shown = error?.message
        .replace(/at \S+:\d+:\d+/, 'at file:///app/server.js:3:18')
        .replace(`is of lastcall ${version}`, 'is of lastcall 0.3.0')
      assert.equal([error?.code, shown], [code, message])
    },
    { skip: needsProcesses && can.linux() },
  )
}

/** As a copy of an older version leaves it, from before `adopt`. */
function createdByOlder(): void {
  const shutdown = { hook() {}, dispose: () => unregister(shutdown) }
  register({ shutdown, options: {}, calledAt: 'file:///app/server.js:3:18', version: '0.1.0' })
}

interface Thrown {
  readonly code: string
  readonly message: string
}

async function thrownBy(source: string): Promise<Thrown | undefined> {
  const Async = (async () => {}).constructor as FunctionConstructor
  const close = async (): Promise<void> => {}
  const made = source.includes('createShutdown(') ? undefined : createShutdown()
  const names = { createShutdown, shutdown: made, cluster: {}, close, createServer, killTree, listTree }
  try {
    await new Async(...Object.keys(names), source)(...Object.values(names))
  } catch (error) {
    return error as Thrown
  }
  return undefined
}
