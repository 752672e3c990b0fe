import { type Arguments, readArguments, type Shape } from './arguments.ts'
import { UsageError } from './usage-error.ts'

/** Options, and the one PID that `tree` and `kill` take: before the options or after them. */
export function readPidAndOptions(
  command: string,
  args: readonly string[],
  shapes: Readonly<Record<string, Shape>>,
): Arguments & { pid(): number } {
  const [first = '', ...others] = args
  const given = readArguments(command, /^-?\d/.test(first) ? [...others, first] : args, shapes)
  return { ...given, pid: () => pidOf(command, given.rest) }
}

function pidOf(command: string, words: readonly string[]): number {
  const [text, ...more] = words
  if (text === undefined) throw new UsageError(command, 'which process? Write its PID.')
  if (more.length > 0) throw new UsageError(command, `it takes one PID, got ${words.join(' ')}.`)
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text)
  throw new UsageError(command, `PID must be a whole number above 0, got "${text}".`)
}
