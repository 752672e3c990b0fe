import type { Thing } from '../hooks/resources/thing.ts'
import { show } from '../options.ts'
import { isServer } from '../serving/recognise.ts'
import { isConsumer } from '../work/consumers/known.ts'

/**
 * Why something that has a `close` is closed by another verb than `resource`, and what to write; undefined where it is not.
 * In the phase `close` both would end too late: requests would be cut, and jobs would go on starting.
 */
export function otherVerb(name: string, thing: Thing): string | undefined {
  if (isServer(thing)) {
    return 'is a server, and a server ends while requests can still finish. Write shutdown.server(thing), with what you have here.'
  }
  if (isConsumer(thing)) {
    return `fetches work by itself, and is to take no more from the first moment on. Write shutdown.consumer(${show(name)}, thing), with what you have here.`
  }
  return undefined
}
