import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { TestContext } from './suite.ts'

/** A client that sees each byte: what Node's own client would hide, and repeat. */
export interface RawClient {
  readonly socket: Socket
  /** All that has come so far. */
  readonly text: string
  /** Waits until what has come matches. */
  gets(pattern: RegExp): Promise<string>
  /** How it ended: `end` by the server's FIN, or the code of an error. */
  readonly ended: Promise<string>
}

export function rawClient(t: TestContext, to: NetConnectOpts): Promise<RawClient> {
  return clientOf(t, connect(to), 'connect')
}

export function rawTlsClient(t: TestContext, to: ConnectionOptions): Promise<RawClient> {
  return clientOf(t, connectTls({ rejectUnauthorized: false, ...to }), 'secureConnect')
}

async function clientOf(t: TestContext, socket: Socket, event: string): Promise<RawClient> {
  t.after(() => socket.destroy())
  let text = ''
  let look = (): void => {}
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1')
    look()
  })
  const ended = new Promise<string>((resolve) => {
    socket.once('end', () => resolve('end'))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.once('close', () => resolve('closed'))
  })
  await new Promise((resolve, reject) => socket.once(event, resolve).once('error', reject))
  return {
    socket,
    ended,
    get text() {
      return text
    },
    gets: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => {
          const match = pattern.exec(text)
          if (match) resolve(match[0])
        }
        look()
        void ended.then((how) => reject(new Error(`${how} before ${pattern}, got ${JSON.stringify(text)}`)))
      }),
  }
}

/** A request without a body, as it stands on the wire. */
export function get(path = '/', headers: readonly string[] = []): string {
  return `GET ${path} HTTP/1.1\r\n${['Host: x', ...headers].join('\r\n')}\r\n\r\n`
}
