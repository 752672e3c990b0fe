import { nearest } from '../options.ts'
import { UsageError } from './usage-error.ts'

/** How an option is given: `flag`, no value; `value`, one, the last counts; `list`, one each time, all count. */
export type Shape = 'flag' | 'value' | 'list'

export interface Arguments {
  has(name: string): boolean
  /** The value of `name`, or undefined where it was not given. */
  value(name: string): string | undefined
  values(name: string): readonly string[]
  /** What comes after the options: from the first word that is none, or after `--`. */
  readonly rest: readonly string[]
}

/**
 * Reads the options at the front of `args`. As with `env`, `nice` or `timeout` they end at the first word that is none:
 * what follows is a command with options of its own, which `util.parseArgs` would take for ours. Also `npm exec` and
 * `npm run` drop a `--`.
 */
export function readArguments(
  command: string,
  args: readonly string[],
  shapes: Readonly<Record<string, Shape>>,
): Arguments {
  const given = new Map<string, string[]>()
  let i = 0
  for (; i < args.length; i++) {
    const arg = args[i] as string
    if (arg === '--' || !arg.startsWith('-') || arg === '-') break
    const equals = arg.indexOf('=')
    const word = arg === '-h' ? '--help' : equals < 0 ? arg : arg.slice(0, equals)
    const shape = shapes[word]
    if (!shape) throw new UsageError(command, unknown(word, Object.keys(shapes)))
    let value = equals < 0 ? undefined : arg.slice(equals + 1)
    if (shape === 'flag') {
      if (value !== undefined) throw new UsageError(command, `${word} takes no value, got "${value}".`)
    } else {
      if (value === undefined && args[i + 1] !== '--') value = args[++i]
      if (value === undefined || value === '') throw new UsageError(command, `${word} needs a value.`)
    }
    given.set(word, [...(given.get(word) ?? []), value ?? ''])
  }
  const rest = args.slice(args[i] === '--' ? i + 1 : i)
  return {
    has: (name) => given.has(name),
    value: (name) => given.get(name)?.at(-1),
    values: (name) => given.get(name) ?? [],
    rest,
  }
}

function unknown(word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  return `there is no option ${word}.${near ? ` Did you mean ${near}?` : ''}`
}
