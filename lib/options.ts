import { constants } from 'node:os'
import { inspect } from 'node:util'
import { LastcallError } from './errors.ts'

/** Throws for the first key of `given` that is not in `known`, and proposes the nearest one. */
export function checkKeys(where: string, given: unknown, known: readonly string[]): void {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    throw new LastcallError('ERR_LASTCALL_OPTION', `${where} takes an object of options, got ${show(given)}.`)
  }
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue
    const near = nearest(key, known) ?? holding(key, known)
    const hint = near ? `Did you mean ${near}?` : `Known: ${known.join(', ')}.`
    throw new LastcallError('ERR_LASTCALL_OPTION', `${where} has no option ${key}. ${hint}`)
  }
}

/** `timeout` for `timeoutMs`, `gracePeriodSeconds` for `terminationGracePeriodSeconds`. */
function holding(word: string, words: readonly string[]): string | undefined {
  if (word.length < 4) return undefined
  const found = words.filter((one) => one.toLowerCase().includes(word.toLowerCase()))
  return found.length === 1 ? found[0] : undefined
}

/** The error of an option whose value breaks `rule`; `fix` says what to write. */
export function badOption(name: string, rule: string, value: unknown, fix: string): LastcallError {
  return new LastcallError('ERR_LASTCALL_OPTION', `option ${name} must be ${rule}, got ${show(value)}. ${fix}`)
}

export function checkOneOf(name: string, value: unknown, allowed: readonly unknown[]): void {
  if (value === undefined || allowed.includes(value)) return
  const words = allowed.map((v) => (typeof v === 'string' ? `'${v}'` : String(v)))
  const near =
    typeof value === 'string'
      ? nearest(
          value,
          allowed.filter((v) => typeof v === 'string'),
        )
      : undefined
  throw badOption(name, `one of ${words.join(', ')}`, value, near ? `Did you mean '${near}'?` : `Write ${words[0]}.`)
}

/** The longest that a timer can be: above it setTimeout fires at once. */
const LONGEST_MS = 2 ** 31 - 1

export function checkMs(name: string, value: unknown): void {
  if (value === undefined || (typeof value === 'number' && value > 0 && value <= LONGEST_MS)) return
  throw badOption(
    name,
    `a number of milliseconds above 0${value === Infinity || (value as number) > LONGEST_MS ? ', and at most 24 days' : ''}`,
    value,
    'Write 5000.',
  )
}

/** `TERM`, as kill(1) takes it, is a slip like any other: our names are Node's. */
export function checkSignalName(name: string, rule: string, value: unknown): asserts value is NodeJS.Signals {
  const known = Object.keys(constants.signals)
  if (known.includes(value as string)) return
  const word = typeof value === 'string' ? value.toUpperCase() : ''
  const near = known.includes(`SIG${word}`) ? `SIG${word}` : nearest(word, known)
  throw badOption(name, rule, value, near ? `Did you mean '${near}'?` : "Write 'SIGTERM'.")
}

/**
 * The word of `words` that differs from `word` in the fewest letters, if it is near enough to be a slip: at most `limit`,
 * and half of its letters, since otherwise every word of one letter were near to every other.
 */
export function nearest(
  word: string,
  words: readonly string[],
  limit = Math.max(2, Math.floor(word.length / 3)),
): string | undefined {
  const most = Math.min(limit, Math.floor(word.length / 2))
  let best: string | undefined
  let bestDistance = most + 1
  for (const candidate of words) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Two letters in the wrong order, the commonest slip, are one difference. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swapped ? (before[j - 2] as number) + 1 : Infinity
      next.push(Math.min(replace, swap, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    before = row
    row = next
  }
  return row[b.length] as number
}

/** A value on one short line, as an error message shows it. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 0, breakLength: Infinity })
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
