import { once } from 'node:events'
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { certificate } from './certificate.ts'
import type { TestContext } from './suite.ts'
import { until } from './until.ts'

/** An HTTP/2 server whose answers the test gives: `/now` is answered at once, all else is held. */
export interface HeldHttp2 {
  readonly server: Http2Server
  readonly held: ServerHttp2Stream[]
  readonly url: string
  /** Waits until so many are held. */
  holds(count: number): Promise<void>
  answer(body?: string): void
}

export async function heldHttp2(
  t: TestContext,
  { secure = false, listen = true, ...options }: SecureServerOptions & { secure?: boolean; listen?: boolean } = {},
): Promise<HeldHttp2> {
  const server = secure ? createSecureServer({ ...certificate, ...options }) : createServer(options)
  const held: ServerHttp2Stream[] = []
  server.on('stream', (stream, headers) => {
    if (headers[':path'] !== '/now') return void held.push(stream)
    stream.respond({ ':status': 200 })
    stream.end('now')
  })
  if (listen) await once(server.listen(0, '127.0.0.1'), 'listening')
  const port = listen ? (server.address() as AddressInfo).port : undefined
  return {
    ...{ server, held, url: `${secure ? 'https' : 'http'}://127.0.0.1:${port}` },
    holds: async (count) => {
      await until(
        `${count} streams are held`,
        () => held.length,
        (n) => n === count,
        { signal: t.signal },
      )
    },
    answer: (body = 'answer') => {
      for (const stream of held.splice(0)) {
        stream.respond({ ':status': 200 })
        stream.end(body)
      }
    },
  }
}
