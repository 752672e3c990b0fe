import { badOption, checkKeys } from '../../options.ts'
import type { Readiness } from './child-options.ts'

const OPTION = 'supervise.ready'
const WAYS = ['fd', 'port', 'http', 'line'] as const

/** Node makes a descriptor of every number below it, and a table of the kernel's has an end. */
const LAST_DESCRIPTOR = 255

/** `output`: where the lines go that a text is looked for in. */
export function checkReadiness(ready: unknown = 'spawn', output?: unknown): Readiness {
  if (ready === 'spawn' || ready === 'ipc') return ready
  if (ready === null || typeof ready !== 'object') throw noReadiness(ready)
  checkKeys(`option ${OPTION}`, ready, [...WAYS, 'host'])
  const given = WAYS.filter((key) => (ready as Record<string, unknown>)[key] !== undefined)
  if (given.length > 1) {
    const fix = `Leave out ${given.slice(1).join(' and ')}, or start a second child after this one.`
    throw badOption(OPTION, 'one thing to wait for', ready, fix)
  }
  const { fd, port, host, http, line } = ready as Record<string, unknown>
  if (host !== undefined && port === undefined)
    throw badOption(OPTION, 'a port where it names a host', ready, 'Write { port: 8080, host }.')
  if (isWhole(fd, 3, LAST_DESCRIPTOR)) return { fd }
  if (isWhole(port, 1, 65_535)) {
    if (host === undefined) return { port }
    if (typeof host === 'string' && host !== '') return { port, host }
  }
  if (typeof http === 'string' && URL.canParse(http) && /^https?:/.test(http)) return { http }
  if ((typeof line === 'string' && line !== '') || line instanceof RegExp) {
    if (output !== 'inherit' && output !== 'ignore') return { line }
    throw badOption(OPTION, `something else than a line with output: '${output}'`, ready, "Write output: 'prefix'.")
  }
  throw noReadiness(ready)
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
}

function noReadiness(ready: unknown): Error {
  return badOption(
    OPTION,
    `'spawn', 'ipc', { fd: 3 to ${LAST_DESCRIPTOR} }, { port, host }, { http: url } or { line: text or RegExp }`,
    ready,
    'Write { port: 8080 }.',
  )
}
