import about from '../../package.json' with { type: 'json' }
import { LastcallError } from '../errors.ts'
import type { Registered } from './registry.ts'

/** Of this copy; a bundle keeps it as text. */
export const version: string = about.version

/**
 * The shutdown that another copy created, for a caller of this one. Whatever of `methods` an older version does not have
 * throws and names both versions, in place of "is not a function". It stays the same object: all copies hold one.
 */
export function sharedShutdown(existing: Registered, methods: readonly string[]): object {
  const { shutdown, calledAt } = existing
  for (const name of methods) {
    if (name in shutdown) continue
    const refuse = (): never => {
      throw new LastcallError(
        'ERR_LASTCALL_VERSION',
        `shutdown.${name} is of lastcall ${version}, but the shutdown of this process was created at ${calledAt} by ` +
          `${existing.version ? `lastcall ${existing.version}` : 'an older lastcall'}, which has no ${name}. Load one version: npm ls lastcall tells who brings the other.`,
      )
    }
    // Not enumerable: nothing that lists the older one's methods takes it for one.
    Object.defineProperty(shutdown, name, { value: refuse, configurable: true, enumerable: false, writable: true })
  }
  return shutdown
}
