import { badOption, checkKeys, checkMs } from '../options.ts'
import type { CheckOptions, ProbePaths, ProbeServerOptions, ProbesOptions } from './probe-options.ts'

/** What can be asked. */
export type ProbeKind = 'livez' | 'readyz' | 'startupz' | 'prestop'

const KINDS: readonly ProbeKind[] = ['livez', 'readyz', 'startupz', 'prestop']
/** Shorter, it is guessed. */
const SHORTEST_SECRET = 16

/** Options of `probes`, checked: which path asks for what. */
export interface ProbePlan {
  readonly paths: ReadonlyMap<string, ProbeKind>
  readonly secret: string | undefined
}

export function checkProbes(where: string, options: ProbesOptions, known: readonly string[] = []): ProbePlan {
  checkKeys(where, options, ['paths', 'prestopSecret', ...known])
  const { paths = {}, prestopSecret: secret } = options
  // Given as undefined it is an environment variable that is not set: then nobody may stop us, rather than everybody.
  if ('prestopSecret' in options && !(typeof secret === 'string' && /^[\x21-\x7e]{16,}$/.test(secret))) {
    throw badOption(
      `${where}.prestopSecret`,
      `a string of at least ${SHORTEST_SECRET} characters that a header can hold, without spaces`,
      // Never the secret itself.
      typeof secret === 'string' ? `${secret.length} characters` : secret,
      'Write prestopSecret: process.env.PRESTOP_SECRET, and set that.',
    )
  }
  return { paths: checkPaths(where, paths), secret }
}

function checkPaths(where: string, given: ProbePaths): ReadonlyMap<string, ProbeKind> {
  checkKeys(`${where}.paths`, given, KINDS)
  const paths = new Map<string, ProbeKind>()
  for (const kind of KINDS) {
    const path: unknown = given[kind] ?? `/${kind}`
    if (path === false) continue
    if (typeof path !== 'string' || !/^\/[^\s?#]*$/.test(path)) {
      throw badOption(
        `${where}.paths.${kind}`,
        'a path that begins with a slash, without a query, or false',
        path,
        `Write '/${kind}'.`,
      )
    }
    const twin = paths.get(path)
    if (twin) {
      throw badOption(
        `${where}.paths.${kind}`,
        `another path than that of ${twin}`,
        path,
        `Write '/${kind}', or false for none.`,
      )
    }
    paths.set(path, kind)
  }
  return paths
}

export function checkProbeServer(options: ProbeServerOptions): ProbePlan {
  const plan = checkProbes('probeServer', options, ['port', 'host', 'tls'])
  const { port, host, tls } = options as { readonly [key in keyof ProbeServerOptions]: unknown }
  if (!(Number.isInteger(port) && (port as number) >= 0 && (port as number) <= 65_535)) {
    const fix = typeof port === 'string' ? 'Write Number(process.env.PROBE_PORT).' : 'Write port: 9000.'
    throw badOption('probeServer.port', 'a whole number from 0 to 65535', port, fix)
  }
  if (host !== undefined && (typeof host !== 'string' || host === '')) {
    throw badOption('probeServer.host', 'an address to listen on', host, "Leave it out, or write '0.0.0.0'.")
  }
  if (tls !== undefined) checkTls(tls)
  return plan
}

function checkTls(given: unknown): void {
  checkKeys('probeServer.tls', given, ['cert', 'key'])
  const { cert, key } = given as NonNullable<ProbeServerOptions['tls']>
  let why: unknown = 'one of the two is missing'
  try {
    // Loaded here: most probes are plain HTTP.
    if (cert && key) return void process.getBuiltinModule('node:tls').createSecureContext({ cert, key })
  } catch (error) {
    why = error
  }
  const text = why instanceof Error ? why.message : String(why)
  throw badOption(
    'probeServer.tls',
    `a certificate and its key in PEM (${text})`,
    Object.keys(given as object),
    'Write { cert, key }.',
  )
}

export function checkCheckOptions(options: CheckOptions): Required<CheckOptions> {
  checkKeys('check', options, ['timeoutMs', 'cacheMs'])
  const { timeoutMs = 1_000, cacheMs = 1_000 } = options
  checkMs('check.timeoutMs', timeoutMs)
  if (!(typeof cacheMs === 'number' && cacheMs >= 0)) {
    throw badOption('check.cacheMs', 'a number of milliseconds, 0 or more', cacheMs, 'Write 1000.')
  }
  return { timeoutMs, cacheMs }
}
