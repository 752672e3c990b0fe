import type { EventEmitter } from 'node:events'

/** Below this many nobody is looked at. */
const SMALL = 64

/**
 * Those that an event told of and that are still open. One listener on the server, none on what it tells of: who has
 * gone is dropped when the list has doubled.
 */
export class Roster<T extends { readonly destroyed: boolean }> {
  readonly #members = new Set<T>()
  readonly #server: EventEmitter
  readonly #event: string
  readonly #isOne: (member: T, about: unknown) => boolean
  #tidyAt = SMALL

  constructor(server: EventEmitter, event: string, isOne: (member: T, about: unknown) => boolean = () => true) {
    this.#server = server
    this.#event = event
    this.#isOne = isOne
    server.prependListener(event, this.#add)
  }

  open(): T[] {
    this.#tidy()
    return [...this.#members]
  }

  release(): void {
    this.#server.off(this.#event, this.#add)
    this.#members.clear()
  }

  readonly #add = (member: T, about: unknown): void => {
    if (!this.#isOne(member, about)) return
    this.#members.add(member)
    if (this.#members.size >= this.#tidyAt) this.#tidy()
  }

  #tidy(): void {
    for (const member of this.#members) if (member.destroyed) this.#members.delete(member)
    this.#tidyAt = Math.max(SMALL, 2 * this.#members.size)
  }
}
