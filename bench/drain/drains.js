// How a server is stopped at SIGTERM: lastcall, Node's own close, and four libraries. Loaded only where chosen.
// Whoever has a limit of its own gets the same one, shorter than the bench's patience. `delayMs`: how long they serve on.
import { setTimeout as sleep } from 'node:timers/promises'

const LIMIT_MS = 8_000
const onTerm = (delayMs, stop) => process.once('SIGTERM', () => (delayMs > 0 ? setTimeout(stop, delayMs) : stop()))

export const drains = {
  /** A plain server, for comparison. */
  none: async () => {},
  lastcall: async (server, { idleMs }) => {
    const { createShutdown } = await import('lastcall')
    createShutdown().server(server, idleMs === undefined ? {} : { idleMs })
  },
  close: async (server, { delayMs }) => {
    onTerm(delayMs, () => server.close(() => process.exit()))
  },
  terminus: async (server, { delayMs }) => {
    const { createTerminus } = await import('@godaddy/terminus')
    const delay = delayMs > 0 ? { beforeShutdown: () => sleep(delayMs) } : {}
    createTerminus(server, { signal: 'SIGTERM', timeout: LIMIT_MS, useExit0: true, ...delay })
  },
  stoppable: async (server, { delayMs }) => {
    const { default: stoppable } = await import('stoppable')
    stoppable(server, LIMIT_MS)
    onTerm(delayMs, () => server.stop(() => process.exit()))
  },
  'http-terminator': async (server, { delayMs }) => {
    const { createHttpTerminator } = await import('http-terminator')
    const terminator = createHttpTerminator({ server, gracefulTerminationTimeout: LIMIT_MS })
    onTerm(delayMs, () => terminator.terminate().then(() => process.exit()))
  },
  'http-graceful-shutdown': async (server, { delayMs }) => {
    const { default: gracefulShutdown } = await import('http-graceful-shutdown')
    const delay = delayMs > 0 ? { preShutdown: () => sleep(delayMs) } : {}
    gracefulShutdown(server, { timeout: LIMIT_MS + delayMs, ...delay })
  },
}
