import type { AddressInfo, Socket } from 'node:net'
import { debugLog } from '../../debug-log.ts'
import { clearInterval, nextTick, setInterval, sleep } from '../../real-time.ts'
import { synCookiesSent } from '../sockets/kernel-counters.ts'
import { allSocketsOfPort, inodeOf, listenerOfPort, socketsOfPort, TCP_STATE } from '../sockets/kernel-sockets.ts'
import { type AcceptedHandle, isEstablished, type ListeningHandle, type OwnListener } from './listening-handle.ts'
import { ownAddress } from './own-address.ts'
import { smallestBacklog } from './smallest-backlog.ts'
import { TurningTime } from './turning-time.ts'

const debug = debugLog('serving')

/** How long we try to get in, in milliseconds. */
const TRY_MS = 1_000
/** How often, where nobody knocks and no accept wakes us. */
const EVERY_MS = 2
/** A client whose last step of the handshake was dropped comes again after some 200 ms. */
const HANDSHAKE_MS = 300
/** How often we look whether they have come, and how long we wait in all, in milliseconds. */
const HANDSHAKE_EVERY_MS = 20
const HANDSHAKES_AT_MOST_MS = 1_500
/** Node's own backlog. */
const BACKLOG = 511

export interface TcpListener extends OwnListener {
  readonly address: AddressInfo
}

/**
 * Ends listening at a moment when nobody waits in the accept queue, for close(2) resets whoever does. The backlog is
 * shrunk so that the queue has a place or two, and we connect to ourselves: once *we* hold them nobody else does, and the
 * kernel answers no other. Resolves with false where that did not come about; the listener is open then.
 */
export function closeByPlug(listener: TcpListener, backlog: number = smallestBacklog()): Promise<boolean> {
  return new Promise((resolve) => {
    new Plug(listener, backlog, resolve).start()
  })
}

const net = () => process.getBuiltinModule('node:net')

class Plug {
  readonly #listener: TcpListener
  readonly #handle: ListeningHandle
  readonly #resolve: (closed: boolean) => void
  readonly #accept: ListeningHandle['onconnection']
  readonly #address: AddressInfo
  readonly #ip: string
  readonly #inode: number | undefined
  readonly #backlog: number
  /** How many the queue takes with that backlog. */
  readonly #places: number
  /** Local ports of our own connections: nobody else is to see them. */
  readonly #ours = new Set<number>()
  readonly #time = new TurningTime()
  #leftMs = TRY_MS
  /** What is left for clients in their handshake, in milliseconds. */
  #handshakeMs = HANDSHAKES_AT_MOST_MS
  #timer: NodeJS.Timeout | undefined
  #cookies: number | undefined
  /** How many the queue held when it was narrowed, less those accepted since: before the last of them we do not get in. */
  #queued = 0
  #queuedBefore = 0

  constructor(listener: TcpListener, backlog: number, resolve: (closed: boolean) => void) {
    this.#listener = listener
    this.#backlog = backlog
    this.#places = backlog + 1
    this.#handle = listener.handle
    this.#resolve = resolve
    this.#accept = listener.handle.onconnection
    this.#address = listener.address
    this.#ip = ownAddress(listener.address)
    this.#inode = inodeOf(listener.handle.fd)
  }

  start(): void {
    const plug = this
    this.#handle.onconnection = function (status, accepted) {
      const pass = (sockets: readonly Socket[]): void => {
        if (!accepted || !plug.#isOurs(accepted)) plug.#accept.call(this, status, accepted)
        else accepted.close()
        plug.#look(sockets)
      }
      // At the last accept all places are free, and for the shortest time: first we take them, then Node gets what was accepted.
      if (--plug.#queued <= 0) plug.#takePlaces(pass)
      else pass([])
    }
    this.#narrow()
  }

  #narrow(): void {
    if (!this.#listener.isOpen()) {
      this.#end(true)
      return
    }
    this.#cookies = synCookiesSent()
    this.#handle.listen(this.#backlog)
    this.#timer = setInterval(() => this.#try(), EVERY_MS)
    this.#try()
  }

  #try(): void {
    // None was accepted since the last try: the queue may hold others than we think.
    const isKnown = this.#queued !== this.#queuedBefore
    this.#queuedBefore = this.#queued
    if (isKnown && this.#queued > 0) {
      this.#look([])
      return
    }
    this.#takePlaces((sockets) => {
      this.#look(sockets)
      // Nobody gets in while the queue holds anybody. Asked only now: where the table is long, or nearly empty, it takes milliseconds.
      if (this.#timer === undefined) return
      this.#queued = listenerOfPort(this.#address, this.#inode)?.waiting ?? 0
      this.#queuedBefore = this.#queued
    })
  }

  /** Asks for each place, and goes on when it has, before the loop does anything else. */
  #takePlaces(then: (sockets: readonly Socket[]) => void): void {
    const sockets: Socket[] = []
    try {
      while (this.#isTrying && sockets.length < this.#places) sockets.push(this.#connect())
    } catch (error) {
      // What watches over connections, or forbids them, stands in for Node's `connect`.
      this.#giveUp(String(error))
    }
    nextTick(() => {
      for (const { localPort } of sockets) if (localPort !== undefined) this.#ours.add(localPort)
      then(sockets)
    })
  }

  get #isTrying(): boolean {
    return this.#timer !== undefined && this.#listener.isOpen()
  }

  /** Node calls connect(2) in the next tick. */
  #connect(): Socket {
    const socket = new (net().Socket)()
    socket.on('error', ({ message }) => {
      // Who waits for a place gets no error: this is no full queue, and trying again is no use.
      if (this.#isTrying) this.#giveUp(message)
    })
    return socket.connect({ port: this.#address.port, host: this.#ip })
  }

  #look(sockets: readonly Socket[]): void {
    if (this.#timer !== undefined && sockets.length > 0 && sockets.every(isEstablished)) {
      this.#holds(sockets)
      return
    }
    const passedMs = this.#time.passed()
    if (sockets.length > 0) {
      // Somebody was faster, and the queue is full: of them, and of those of us that got in.
      this.#queued = this.#places
      this.#leftMs -= passedMs
    }
    for (const socket of sockets) {
      // The kernel has dropped its SYN: nobody will accept it, and its port may be a client's next.
      if (socket.localPort !== undefined && !isEstablished(socket)) this.#ours.delete(socket.localPort)
      socket.destroy()
    }
    if (this.#timer === undefined) return
    if (!this.#listener.isOpen()) this.#end(true)
    else if (this.#leftMs <= 0) this.#giveUp('nobody let us in')
  }

  /** We hold every place. All in one go: at the next turn of the loop we would be accepted. */
  #holds(sockets: readonly Socket[]): void {
    const leave = (): void => {
      for (const socket of sockets) socket.destroy()
    }
    const rows = socketsOfPort(this.#address, [TCP_STATE.listen, TCP_STATE.synReceived])
    const queue = rows?.find((row) => row.inode === this.#inode)
    // The smaller the backlog, the sooner the kernel answers by cookies: then no table shows who is in a handshake.
    const cookies = synCookiesSent()
    const areCookiesOut = cookies !== undefined && this.#cookies !== undefined && cookies !== this.#cookies
    const isHalfOpen = areCookiesOut || rows?.some((row) => row.state === TCP_STATE.synReceived)
    const listeners = rows?.filter(({ state, local }) => state === TCP_STATE.listen && local === queue?.local) ?? []
    // With another listener on the port we may wait in its queue, and somebody else in ours.
    if (queue && (listeners.length > 1 || queue.waiting < (isHalfOpen ? 1 : this.#places))) {
      leave()
      this.#giveUp('another process listens on the port, too')
      return
    }
    if (isHalfOpen && this.#handshakeMs > 0) {
      void this.#letIn(areCookiesOut)
      leave()
      return
    }
    if (this.#listener.isOpen()) this.#listener.close()
    leave()
    this.#end(true)
  }

  /** Somebody is between SYN and ACK, and would be dropped: opens the queue until they have come. */
  async #letIn(areCookiesOut: boolean): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#handle.listen(BACKLOG)
    debug('waits for clients in their handshake on port %s', this.#address.port)
    const time = new TurningTime()
    let leftMs = Math.min(HANDSHAKE_MS, this.#handshakeMs)
    this.#handshakeMs -= leftMs
    const isOver = (): boolean => {
      leftMs -= time.passed()
      // The limit has come, or the app has closed it: nobody can be let in any more.
      return leftMs <= 0 || !this.#listener.isOpen()
    }
    do await sleep(HANDSHAKE_EVERY_MS)
    while (!isOver() && (areCookiesOut || (await this.#isHalfOpen(isOver))))
    this.#handshakeMs += Math.max(0, leftMs)
    this.#leftMs = TRY_MS
    this.#narrow()
  }

  async #isHalfOpen(isOver: () => boolean): Promise<boolean> {
    const rows = await allSocketsOfPort({ ...this.#address, states: [TCP_STATE.synReceived] }, isOver)
    return rows === undefined || rows.length > 0
  }

  /** The queue stays as small as it is: so few wait in it when the listener closes. */
  #giveUp(why: string): void {
    debug('no plug for port %s: %s', this.#address.port, why)
    this.#end(false)
  }

  #end(closed: boolean): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    if (!closed) this.#handle.onconnection = this.#accept
    this.#resolve(closed)
  }

  #isOurs(accepted: AcceptedHandle): boolean {
    const peer: { port?: number; address?: string } = {}
    if (accepted.getpeername(peer) !== 0 || peer.port === undefined) return false
    // A client elsewhere may have the same port. On a listener of both families an address of IPv4 is ::ffff:127.0.0.1.
    return peer.address?.split(':').at(-1) === this.#ip.split(':').at(-1) && this.#ours.delete(peer.port)
  }
}
