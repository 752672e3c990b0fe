import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  connect,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2'
import type { TestContext } from './suite.ts'

/** An HTTP/2 client that writes down what it is told. */
export interface Http2Client {
  readonly session: ClientHttp2Session
  /** Of each GOAWAY the last stream, as it came. */
  readonly goaways: number[]
  readonly closed: Promise<void>
  /** The answer's body; else the name of the error, or `cut 8` where it was reset by that code without one. */
  get(path: string): Promise<string>
  open(headers: OutgoingHttpHeaders): ClientHttp2Stream
}

export async function http2Client(
  t: TestContext,
  url: string,
  options: ClientSessionOptions | SecureClientSessionOptions = {},
): Promise<Http2Client> {
  const session = connect(url, { rejectUnauthorized: false, ...options })
  t.after(() => session.destroy())
  const goaways: number[] = []
  session.on('error', () => {})
  session.on('goaway', (_code, lastStream) => goaways.push(lastStream))
  const closed = new Promise<void>((resolve) => session.once('close', resolve))
  await new Promise((resolve, reject) => session.once('connect', resolve).once('error', reject))
  const open = (headers: OutgoingHttpHeaders): ClientHttp2Stream => session.request(headers)
  return {
    ...{ session, goaways, closed, open },
    get: (path) => bodyOf(open({ ':path': path })),
  }
}

/** What a client gets of one stream. */
export function bodyOf(stream: ClientHttp2Stream): Promise<string> {
  return new Promise((resolve) => {
    let body = ''
    stream.setEncoding('utf8').on('data', (text: string) => (body += text))
    stream.once('error', (error: NodeJS.ErrnoException) =>
      resolve(/NGHTTP2_\w+/.exec(error.message)?.[0] ?? String(error.code)),
    )
    stream.once('close', () => resolve(stream.rstCode === 0 ? body : `cut ${stream.rstCode}`))
  })
}
