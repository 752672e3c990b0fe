import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AnswerReader } from './answer-reader.ts'

/** Where the clients connect to. */
export interface Target {
  readonly port: number
  readonly isTls?: boolean
  /** An address of our own: who the server takes us for. */
  readonly from?: string
  /** The handshake begins when it resolves. */
  readonly beforeHandshake?: () => Promise<unknown>
}

/** What became of requests on a connection: answered and open, answered and told to close, or some got no answer. */
export type Settled = { readonly how: 'open' | 'told' } | { readonly how: 'lost'; readonly many: number; why: string }

/** A connection that was never made. A SYN is repeated after a second: refused later than that, it had been dropped. */
export type NotOpen = { readonly how: 'refused' | 'dropped' } | { readonly how: 'lost'; readonly why: string }

const REPEATED_SYN_MS = 900
/** A server that neither ends nor reads what it has told to end. */
const LINGER_MS = 3_000

/**
 * A connection as the strictest of clients uses it: nothing is repeated, an answer counts when it is whole and no error,
 * and whatever was written on a connection that the kernel had accepted has to be answered.
 */
export class Connection {
  readonly #socket: Socket
  readonly #reader = new AnswerReader()
  #owed = 0
  #answered = 0
  #isTold = false
  #status = 0
  #error: string | undefined
  #wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket
      .on('data', (bytes) => this.#read(bytes))
      .on('error', (error: NodeJS.ErrnoException) => {
        this.#error = error.code ?? error.message
      })
      .on('end', () => this.#wake())
      .on('close', () => this.#wake())
  }

  /** @throws {Error} what is no doing of the server's: no port is free, no descriptor */
  static async open({ port, from, isTls = false, beforeHandshake }: Target): Promise<Connection | NotOpen> {
    const startedAt = performance.now()
    const tcp = connectTcp({ port, host: '127.0.0.1', noDelay: true, ...(from && { localAddress: from }) })
    const code = await opened(tcp, 'connect')
    if (code === 'ECONNREFUSED') {
      return { how: performance.now() - startedAt > REPEATED_SYN_MS ? 'dropped' : 'refused' }
    }
    if (['EADDRNOTAVAIL', 'EMFILE', 'ENFILE'].includes(code ?? ''))
      throw new Error(`the client cannot connect: ${code}`)
    if (code !== undefined) return { how: 'lost', why: `${code} when it connected` }
    if (!isTls) return new Connection(tcp)
    // Nobody else looks at it meanwhile; the handshake will find out.
    let tls: Socket | undefined
    tcp.on('error', () => {}).once('close', () => tls?.destroy())
    await beforeHandshake?.()
    if (tcp.destroyed || !tcp.writable) return { how: 'lost', why: 'ended before its handshake' }
    tls = connectTls({ socket: tcp, rejectUnauthorized: false })
    const failure = await opened(tls, 'secureConnect')
    return failure === undefined ? new Connection(tls) : { how: 'lost', why: `${failure} in the handshake` }
  }

  /** Writes all at once; resolves when all that was asked is answered, or never will be. */
  ask(requests: string | Buffer, many = 1): Promise<Settled> {
    this.begin(requests, many)
    return this.settled()
  }

  /** Writes the first bytes of requests; `write` may bring the rest, `settled` waits for the answers. */
  begin(bytes: string | Buffer, many = 1): void {
    this.#owed += many
    this.#socket.write(bytes)
  }

  write(bytes: string | Buffer): void {
    if (!this.isOver) this.#socket.write(bytes)
  }

  async settled(): Promise<Settled> {
    await this.#until(() => this.#owed === 0)
    if (this.#owed === 0) return { how: this.#isTold ? 'told' : 'open' }
    return { how: 'lost', many: this.#owed, why: this.#why() }
  }

  /** The server has ended it, or it broke: no request may be written any more. */
  get isOver(): boolean {
    return this.#socket.readableEnded || this.#socket.destroyed || !this.#socket.writable
  }

  /** An answer said `Connection: close`. */
  get isTold(): boolean {
    return this.#isTold
  }

  /** Of the last answer; 0 where none has come. */
  get status(): number {
    return this.#status
  }

  /** Resolves when it is over: by an end, or by a reset. */
  async ended(): Promise<'end' | 'reset'> {
    await this.#until(() => this.isOver)
    return this.#error === undefined ? 'end' : 'reset'
  }

  /** What a client does that was told to close, or that has no more to ask. */
  finish(): void {
    this.#socket.end()
    this.#socket.setTimeout(LINGER_MS, () => this.#socket.destroy())
  }

  #read(bytes: Buffer): void {
    for (const { isLast, status } of this.#reader.push(bytes)) {
      this.#status = status
      this.#isTold ||= isLast
      // An error is no answer to a request that was right.
      if (status >= 400) continue
      this.#owed -= 1
      this.#answered += 1
    }
    this.#wake()
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        if (!holds() && !this.isOver) return
        this.#wake = () => {}
        resolve()
      }
      this.#wake()
    })
  }

  #why(): string {
    const where = this.#answered > 0 ? 'a used connection' : 'a new connection'
    const told = this.#isTold ? 'after an answer told to close' : 'ended'
    const how = this.#status >= 400 ? `status ${this.#status}` : (this.#error ?? told)
    return `${this.#reader.isInside ? 'an answer was cut' : 'no answer'} (${how}) on ${where}`
  }
}

/** Undefined when it is open, else the code of its error. */
function opened(socket: Socket, event: 'connect' | 'secureConnect'): Promise<string | undefined> {
  return new Promise((resolve) => {
    const done = (code?: string): void => {
      socket.off('error', failed).off('close', closed).off(event, done)
      resolve(code)
    }
    const failed = (error: NodeJS.ErrnoException): void => {
      // A late second error must not end the client.
      socket.on('error', () => {})
      done(error.code ?? error.message)
    }
    const closed = (): void => done('ended')
    socket
      .once('error', failed)
      .once('close', closed)
      .once(event, () => done())
  })
}
