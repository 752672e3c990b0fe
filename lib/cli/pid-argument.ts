import { type Arguments, readArguments, type Shape } from './arguments.ts'
import { UsageError } from './usage-error.ts'

/** Options, and the one PID that `tree` and `kill` take: before the options or after them. */
export function readPidAndOptions(
  command: string,
  args: readonly string[],
  shapes: Readonly<Record<string, Shape>>,
): Arguments & { pid(): number } {
  const [first = '', ...others] = args
  // A first word that is no option is the PID; what follows it are options, and nothing else.
  const pidFirst = args.length > 0 && !first.startsWith('-')
  const given = readArguments(command, pidFirst ? others : args, shapes)
  const words = pidFirst ? [first, ...given.rest] : given.rest
  return { ...given, pid: () => pidOf(command, words) }
}

function pidOf(command: string, words: readonly string[]): number {
  const [text, ...more] = words
  if (text === undefined) throw new UsageError(command, 'which process? Write its PID.')
  if (more.length > 0) throw new UsageError(command, `it takes one PID, got ${words.join(' ')}.`)
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text)
  throw new UsageError(command, `PID must be a whole number above 0, got "${text}".`)
}
