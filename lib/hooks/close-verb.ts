import type { Closer } from './closer.ts'
import { callAndWait } from './resources/call-and-wait.ts'
import { can, type Thing } from './resources/thing.ts'

/** What a thing that is not known is closed by, the first that it has. */
export const VERBS: readonly PropertyKey[] = [
  Symbol.asyncDispose,
  Symbol.dispose,
  'close',
  'end',
  'quit',
  'disconnect',
  'destroy',
]

export function closerByVerb(thing: Thing): Closer | undefined {
  const verb = VERBS.find((verb) => can(thing, verb))
  return verb === undefined ? undefined : { how: verbText(verb), close: () => callAndWait(thing, verb) }
}

export function verbText(verb: PropertyKey): string {
  return typeof verb === 'symbol' ? `[${verb.description?.replace('nodejs.', 'Symbol.')}]()` : `${String(verb)}()`
}
