import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from './pages.ts'

/** docs/debugging.md has a row for each `lastcall:NAME` that the code logs under, and for no other. */
export function checkDebugNames(root: string, pages: readonly Page[], logged = namesIn(join(root, 'lib'))): string[] {
  const page = pages.find(({ name }) => name === 'docs/debugging.md')
  if (!page) return ['docs/debugging.md is missing']
  const rows = page.lines.flatMap(({ text }) => text.match(/^\| `lastcall:([\w-]+)`/)?.[1] ?? [])
  return [
    ...logged.filter((name) => !rows.includes(name)).map((name) => `docs/debugging.md has no row lastcall:${name}`),
    ...rows
      .filter((name) => !logged.includes(name))
      .map((name) => `docs/debugging.md has lastcall:${name}, under which nothing is logged`),
  ]
}

function namesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const found = files.flatMap((file) => [
    ...readFileSync(join(folder, file), 'utf8').matchAll(/\bdebugLog\('([\w-]+)'\)/g),
  ])
  return [...new Set(found.map(([, name]) => name as string))].sort()
}
