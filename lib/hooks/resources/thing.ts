/**
 * A value from somebody else's package, known by its members alone: `instanceof` fails with a second copy of the
 * package and in Jest's contexts, and minifiers rename classes but not members.
 */
export type Thing = object & { readonly [key: PropertyKey]: unknown }

export function isThing(value: unknown): value is Thing {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

/** A member's value; undefined where its getter throws (redis 4 has such a one). */
export function member(thing: Thing, key: PropertyKey): unknown {
  try {
    return thing[key]
  } catch {
    return undefined
  }
}

export function can(thing: Thing, ...methods: PropertyKey[]): boolean {
  return methods.every((method) => typeof member(thing, method) === 'function')
}

/** Asks without reading: some getters print deprecation warnings (`pg.Client.activeQuery`). */
export function has(thing: Thing, ...keys: PropertyKey[]): boolean {
  return keys.every((key) => key in thing)
}

/** The value under a symbol that a package keeps for itself. */
export function hidden(thing: Thing, description: string): unknown {
  const key = Object.getOwnPropertySymbols(thing).find((symbol) => symbol.description === description)
  return key && member(thing, key)
}

export function call(thing: Thing, method: PropertyKey, ...args: unknown[]): unknown {
  return Reflect.apply(thing[method] as (...args: unknown[]) => unknown, thing, args)
}

/** Follows `keys` as far as there are things; undefined where the way ends. */
export function inside(value: unknown, ...keys: PropertyKey[]): unknown {
  return keys.reduce<unknown>((found, key) => (isThing(found) ? member(found, key) : undefined), value)
}

/** The things in an array, a Map, a Set, a plain object, or one of the queues that drivers write for themselves. */
export function things(value: unknown): Thing[] {
  if (!isThing(value)) return []
  if (can(value, 'toArray')) return things(call(value, 'toArray'))
  const values = can(value, 'values') ? (call(value, 'values') as Iterable<unknown>) : Object.values(value)
  return [...values].filter(isThing)
}

/** Resolves at the first of `events`. */
export function oneOf(thing: Thing, ...events: string[]): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) call(thing, 'off', event, done)
      resolve()
    }
    for (const event of events) call(thing, 'on', event, done)
  })
}

/** A forced end makes drivers emit `error`, and without a listener that would end the process. */
export function ignoreErrors(thing: unknown): void {
  if (isThing(thing) && can(thing, 'on')) call(thing, 'on', 'error', () => {})
}
