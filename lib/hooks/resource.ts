import { debugLog } from '../debug-log.ts'
import { LastcallError } from '../errors.ts'
import { sleep } from '../real-time.ts'
import { isAlreadyClosed } from './already-closed.ts'
import { closerByVerb } from './close-verb.ts'
import type { Closer } from './closer.ts'
import type { HookContext } from './hook.ts'
import { elsewhere, notAThing, noWay } from './resource-refused.ts'
import { KNOWN } from './resources/known.ts'
import { isThing, type Thing } from './resources/thing.ts'

const debug = debugLog('resource')

/** How long a forced close may take until it is left alone. */
const FORCE_MS = 1_000

/**
 * @internal How to close `thing`: known shapes first, then what it declares itself, then the usual method names.
 * Of what has none of these shapes `otherVerb` may say that it belongs to another verb.
 * @throws {LastcallError} ERR_LASTCALL_RESOURCE
 */
export function findCloser(name: string, thing: unknown, otherVerb: OtherVerb = () => undefined): Closer {
  const reason = isThing(thing) ? elsewhere(name, thing) : notAThing(name, thing)
  if (reason) throw refusal(name, reason)
  const closer = knownCloser(thing as Thing) ?? unknownCloser(name, thing as Thing, otherVerb)
  debug('found how to close "%s": %s', name, closer.how)
  return closer
}

function knownCloser(thing: Thing): Closer | undefined {
  const shape = KNOWN.find((shape) => shape.looksLike(thing))
  if (!shape) return undefined
  const { how, force, defaultPhase } = shape
  return {
    how,
    close: () => shape.close(thing),
    ...(force && { force: () => force(thing) }),
    ...(defaultPhase && { defaultPhase }),
  }
}

/** Why it belongs to another verb, and what to write. */
type OtherVerb = (name: string, thing: Thing) => string | undefined

function unknownCloser(name: string, thing: Thing, otherVerb: OtherVerb): Closer {
  const reason = otherVerb(name, thing) ?? notAThing(name, thing)
  if (reason) throw refusal(name, reason)
  const closer = closerByVerb(thing)
  if (!closer) throw refusal(name, noWay(name, thing))
  return closer
}

function refusal(name: string, reason: string): LastcallError {
  return new LastcallError('ERR_LASTCALL_RESOURCE', `resource "${name}" ${reason}`)
}

/** @internal Closes gracefully; where `signal` aborts first, forces, and rejects with the signal's reason. */
export async function closeResource(closer: Closer, { signal }: HookContext): Promise<void> {
  let atLimit = (): void => {}
  const limit = new Promise<void>((resolve) => {
    // In the abort event itself: the process may exit before the next turn of the loop.
    atLimit = () => void force(closer).then(resolve)
  })
  signal.addEventListener('abort', atLimit, { once: true })
  try {
    await Promise.race([close(closer), limit])
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', atLimit)
  }
  if (!signal.aborted) return
  await limit
  throw signal.reason
}

async function close(closer: Closer): Promise<void> {
  try {
    await closer.close()
  } catch (error) {
    if (!isAlreadyClosed(error)) throw error
    debug('%s: it was closed already', closer.how)
  }
}

async function force(closer: Closer): Promise<void> {
  if (!closer.force) return
  debug('%s took too long, forcing', closer.how)
  try {
    await Promise.race([closer.force(), sleep(FORCE_MS, undefined, { ref: false })])
  } catch (error) {
    debug('forcing failed: %O', error)
  }
}
