import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { LastcallError } from '../errors.ts'
import type { ProbePlan } from './check-probe-options.ts'
import { Crowd } from './crowd.ts'
import { notFound } from './probe-handler.ts'
import type { ProbeHandler, ProbeServer, ProbeServerOptions } from './probe-options.ts'

/** A probe is one short request: whoever takes longer is none. */
const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 1_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8_192,
}

/**
 * Listens, and answers nothing but probes. It holds no event loop: a process that has nothing else to do may end. The end
 * of the process closes it, so that it answers to the last moment.
 */
export function openProbeServer(options: ProbeServerOptions, plan: ProbePlan, handle: ProbeHandler): ProbeServer {
  const { port, host, tls } = options
  const crowd = new Crowd()
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (!crowd.asks(request.socket)) return
    // A request a connection, as the kubelet does it: then nobody can queue up requests on one.
    response.setHeader('Connection', 'close')
    response.on('close', () => crowd.answered(request.socket))
    if (!handle(request, response)) notFound(request, response, plan)
  }
  const server: Server = tls
    ? process.getBuiltinModule('node:https').createServer({ ...LIMITS, handshakeTimeout: 5_000, ...tls }, answer)
    : process.getBuiltinModule('node:http').createServer(LIMITS, answer)
  server.on('connection', (socket: Socket) => crowd.add(socket.unref()))
  // Broken requests are answered by Node with a status, and then closed.
  const listening = new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    // Before it listened: nobody is to wait for ever.
    server.once('close', resolve)
    server.on('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, options)))
  })
  server.listen({ port, ...(host !== undefined && { host }) }).unref()
  return {
    listening,
    address: () => server.address() as AddressInfo | null,
    close: () => {
      server.close()
      crowd.end()
    },
  }
}

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there. Choose another port, or end the other one',
  EACCES: 'this user may not. Choose a port above 1023',
  EADDRNOTAVAIL: 'this machine has no such address. Leave host out',
  ENOTFOUND: 'the name is not known. Leave host out',
}

function cannotListen(cause: NodeJS.ErrnoException, { port, host }: ProbeServerOptions): LastcallError {
  const place = `port ${port}${host === undefined ? '' : ` of ${host}`}`
  const why = WHY[cause.code ?? ''] ?? cause.message
  return new LastcallError('ERR_LASTCALL_LISTEN', `probeServer cannot listen on ${place}: ${why} (${cause.code}).`, {
    cause,
  })
}
