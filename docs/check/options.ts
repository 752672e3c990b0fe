import type { Page } from './pages.ts'
import type { PublicName } from './public-names.ts'

interface Row {
  readonly option: string
  readonly value: string | undefined
  readonly where: string
}

/**
 * A table whose first column is headed "option" lists options: each must exist, its default must be the one of the doc
 * comment, and each option of the code must be in some table. Options of the command line (`--grace`) are its help's.
 */
export function checkOptions(pages: readonly Page[], names: readonly PublicName[], help: string): string[] {
  const options = names.filter(({ isOption }) => isOption)
  const rows = pages.flatMap(optionRows)
  const faults = rows.flatMap(({ option, value, where }) => {
    if (option.startsWith('-')) return help.includes(`  ${option} `) ? [] : [`${where}: the help knows no ${option}`]
    const found = options.filter(({ name }) => name.endsWith(`.${option}`))
    if (found.length === 0) return [`${where}: no public interface has an option ${option}`]
    const defaults = found.map(({ tags }) => plain(tags.default ?? ''))
    if (value === undefined || defaults.includes(plain(value))) return []
    return [`${where}: the default of ${option} is "${plain(value)}" here and "${defaults.join('" or "')}" in the code`]
  })
  const listed = new Set(rows.map(({ option }) => option))
  const flags = [...new Set([...help.matchAll(/^ {2}(--[\w-]+)/gm)].map((found) => found[1] as string))]
  const missing = [
    ...options
      .filter(({ name }) => !listed.has(name.split('.')[1] as string))
      .map(({ name, where }) => `${where}: ${name}`),
    ...flags.filter((flag) => !listed.has(flag)).map((flag) => `lib/cli/help.ts: ${flag}`),
  ]
  return [...faults, ...missing.map((what) => `${what} is in no table of options in docs/`)]
}

export function optionRows(page: Page): Row[] {
  const rows: Row[] = []
  let columns: string[] | undefined
  for (const { text, number, code } of page.lines) {
    if (code !== undefined || !text.startsWith('|')) {
      columns = undefined
      continue
    }
    const cells = text
      .slice(1)
      .replace(/\|\s*$/, '')
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim())
    if (!columns) columns = cells.map((cell) => cell.toLowerCase())
    else if (columns[0] === 'option' && !/^:?-+:?$/.test(cells[0] ?? '')) {
      // `--grace SECONDS` and "`--report FILE`, …": the first word in code is the option.
      const option = /`([^`\s]+)[^`]*`/.exec(cells[0] ?? '')?.[1] ?? (cells[0] as string)
      const at = columns.indexOf('default')
      rows.push({ option, value: at < 0 ? undefined : cells[at], where: `${page.name}:${number}` })
    }
  }
  return rows
}

function plain(text: string): string {
  return text.replaceAll('`', '').replaceAll('\\|', '|').trim()
}
