import type { Server, Socket } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import { debugLog } from '../../debug-log.ts'
import { clearInterval, clearTimeout, setInterval, setTimeout } from '../../real-time.ts'
import { arrivedIsRead } from '../arrived.ts'
import type { DrainContext } from '../drainable.ts'
import { afterLimit } from '../last-words.ts'
import { endListener } from '../listener/end-listener.ts'
import { rawSocket } from '../sockets/raw-socket.ts'

const debug = debugLog('serving')

const EVERY_MS = 50
/** Neither side said anything for so long, in milliseconds: a probe, or a reserve of the client. */
const SILENT_MS = 1_000
/** How long what was written may take to leave, behind the limit; in milliseconds. */
const END_MS = 10

export interface NetSetup {
  readonly server: Server
  /** What the kernel knows. */
  readonly accepted: readonly Socket[]
  /** The sockets above them that speak TLS; undefined on a plain server. */
  readonly secured: readonly Socket[] | undefined
  /** Those that were there before we were told of any: past their handshake, for all we know. */
  readonly unknown: WeakSet<Socket>
  readonly context: DrainContext
}

/** A connection, by the socket under it. */
interface Open {
  /** What the app holds; undefined in a handshake, and where nobody knows. */
  app: Socket | undefined
  readonly mayBeBusy: boolean
  bytes: number
  quietSince: number
  /** How we ended it. */
  isEnded: boolean
}

/** Ends the listener, and leaves each connection to the app, which knows its protocol. */
export class NetDrain {
  readonly #setup: NetSetup
  readonly #open = new Map<Socket, Open>()
  readonly #offs: (() => void)[] = []
  #empty = (): void => {}

  constructor(setup: NetSetup) {
    this.#setup = setup
  }

  async run(): Promise<void> {
    const { server, accepted, secured, context } = this.#setup
    this.#on('connection', (socket) => this.#add(socket))
    if (secured) this.#on('secureConnection', (socket) => this.#past(socket))
    // First of all: while we look at what is there clients would queue up.
    const listenerEnded = endListener(server, context.limit)
    for (const socket of accepted) this.#add(socket)
    for (const socket of secured ?? []) this.#past(socket)
    debug('%s connections at drain', this.#open.size)
    const forget = afterLimit(context, () => this.#cutAll())
    const sweep = setInterval(() => void this.#look(), EVERY_MS)
    await listenerEnded
    await this.#whenEmpty()
    clearInterval(sweep)
    forget()
    for (const off of this.#offs) off()
  }

  #add(socket: Socket): void {
    if (this.#open.has(socket)) return
    const app = this.#setup.secured ? undefined : socket
    const mayBeBusy = this.#setup.unknown.has(socket)
    this.#open.set(socket, { app, mayBeBusy, bytes: bytesOf(socket), quietSince: monotonicNow(), isEnded: false })
    socket.once('close', () => {
      this.#open.delete(socket)
      if (this.#open.size === 0) this.#empty()
    })
  }

  /** `socket` is past its handshake. */
  #past(socket: Socket): void {
    const open = this.#open.get(rawSocket(socket))
    if (open) open.app = socket
  }

  #on(event: string, listener: (socket: Socket) => void): void {
    const { server } = this.#setup
    server.prependListener(event, listener)
    this.#offs.push(() => server.off(event, listener))
  }

  async #look(): Promise<void> {
    const { counts, options } = this.#setup.context
    const now = await arrivedIsRead()
    for (const [socket, open] of this.#open) {
      const bytes = bytesOf(socket)
      // What has come to one that is paused is not read.
      if (bytes !== open.bytes || open.app?.isPaused()) Object.assign(open, { bytes, quietSince: now })
      const quietMs = now - open.quietSince
      if (open.isEnded) {
        if (quietMs >= SILENT_MS) socket.destroy()
        continue
      }
      if (open.app === undefined) {
        if (open.mayBeBusy || quietMs < SILENT_MS) continue
        counts.connection(bytes === 0 ? 'silent' : 'handshaking')
        open.isEnded = true
        socket.destroy()
      } else if (bytes === 0 && quietMs >= SILENT_MS) this.#end(open, 'silent')
      // A pause means nothing in a protocol that is not known: only the app can say how long one may be.
      else if (options.idleMs !== undefined && quietMs >= options.idleMs) this.#end(open, 'idle')
    }
  }

  #end(open: Open, how: 'silent' | 'idle'): void {
    this.#setup.context.counts.connection(how)
    open.isEnded = true
    open.quietSince = monotonicNow()
    endSocket(open.app)
  }

  /** The limit: what was written still leaves. */
  #cutAll(): void {
    for (const [socket, open] of this.#open) {
      if (!open.isEnded) this.#setup.context.counts.connection(open.app || open.mayBeBusy ? 'destroyed' : 'handshaking')
      open.isEnded = true
      endSocket(open.app)
      const timer = setTimeout(() => socket.destroy(), open.app ? END_MS : 0)
      socket.once('close', () => clearTimeout(timer))
    }
  }

  #whenEmpty(): Promise<void> {
    return new Promise((resolve) => {
      this.#empty = resolve
      if (this.#open.size === 0) resolve()
    })
  }
}

/** An app that writes on behind our end is no reason for its process to die of it. */
function endSocket(socket: Socket | undefined): void {
  socket?.on('error', () => {}).end()
}

function bytesOf({ bytesRead, bytesWritten }: Socket): number {
  return bytesRead + bytesWritten
}
