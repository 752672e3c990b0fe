// How a server is stopped at SIGTERM: lastcall, Node's own close, and four libraries. Loaded only where chosen.
// Whoever has a limit of its own gets the same one, shorter than the bench's patience.
const LIMIT_MS = 8_000

export const drains = {
  /** A plain server, for comparison. */
  none: async () => {},
  lastcall: async (server, { idleMs }) => {
    const { createShutdown } = await import('lastcall')
    createShutdown().server(server, idleMs === undefined ? {} : { idleMs })
  },
  close: async (server) => {
    process.once('SIGTERM', () => server.close(() => process.exit()))
  },
  terminus: async (server) => {
    const { createTerminus } = await import('@godaddy/terminus')
    createTerminus(server, { signal: 'SIGTERM', timeout: LIMIT_MS, useExit0: true })
  },
  stoppable: async (server) => {
    const { default: stoppable } = await import('stoppable')
    stoppable(server, LIMIT_MS)
    process.once('SIGTERM', () => server.stop(() => process.exit()))
  },
  'http-terminator': async (server) => {
    const { createHttpTerminator } = await import('http-terminator')
    const terminator = createHttpTerminator({ server, gracefulTerminationTimeout: LIMIT_MS })
    process.once('SIGTERM', () => terminator.terminate().then(() => process.exit()))
  },
  'http-graceful-shutdown': async (server) => {
    const { default: gracefulShutdown } = await import('http-graceful-shutdown')
    gracefulShutdown(server, { timeout: LIMIT_MS })
  },
}
