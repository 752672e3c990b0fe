import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { createShutdown, type Report, type ServerOptions, type ShutdownOptions } from '../../lib/index.ts'
import type { TestContext } from './suite.ts'

export interface Drained {
  readonly port: number
  readonly shutdown: ReturnType<typeof createShutdown>
  /** Begins the shutdown; resolves when drain has begun. */
  begin(): Promise<{ readonly report: Promise<Report> }>
}

/** A server of this process that listens, and the shutdown that it is registered with. */
export async function drained(
  t: TestContext,
  server: Server,
  { host = '127.0.0.1', ...options }: ServerOptions & ShutdownOptions & { host?: string } = {},
): Promise<Drained> {
  const { idleMs, closeReason, name, ...rest } = options
  const shutdown = createShutdown({ exit: false, watchdog: false, errors: 'never', logger: () => {}, ...rest })
  let report: Promise<Report> | undefined
  t.after(async () => {
    server.close()
    await report
    shutdown.dispose()
  })
  shutdown.server(server, {
    ...(idleMs !== undefined && { idleMs }),
    ...(closeReason !== undefined && { closeReason }),
    ...(name !== undefined && { name }),
  })
  server.listen(0, host)
  await once(server, 'listening')
  const begin = async (): Promise<{ report: Promise<Report> }> => {
    const draining = new Promise<void>((resolve) => {
      shutdown.hook('drain has begun', () => resolve(), { phase: 'drain' })
    })
    report = shutdown.begin('test')
    await draining
    return { report }
  }
  return { port: (server.address() as AddressInfo).port, shutdown, begin }
}
