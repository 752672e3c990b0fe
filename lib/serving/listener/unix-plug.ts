import { debugLog } from '../../debug-log.ts'
import { clearInterval, setImmediate, setInterval } from '../../real-time.ts'
import type { ListeningHandle, OwnListener } from './listening-handle.ts'
import { TurningTime } from './turning-time.ts'

const debug = debugLog('serving')

/** How long we try to get in, and how often, in milliseconds. */
const TRY_MS = 1_000
const EVERY_MS = 2
/** What connect(2) says where nobody else fits into the queue: https://man7.org/linux/man-pages/man2/connect.2.html. */
const FULL = 'EAGAIN'

export interface UnixListener extends OwnListener {
  readonly path: string
}

/**
 * What `closeByPlug` does for TCP. There is no handshake here, and who finds the queue full reads EAGAIN at once; but neither
 * is there a table that tells how many wait, so each accept tries. Resolves with false where that did not come about; the
 * listener is open then, and its queue small.
 */
export function closeByUnixPlug(listener: UnixListener): Promise<boolean> {
  return new Promise((resolve) => {
    new UnixPlug(listener, resolve).start()
  })
}

/**
 * Nothing tells that a connection to a unix socket is established but the loop, after it may have accepted it. That it
 * failed libuv tells before `setImmediate`, and nobody is accepted between a callback of the loop's poll phase and that:
 * https://docs.libuv.org/en/v1.x/design.html#the-i-o-loop. So each try begins in that phase, and no news is good news.
 */
class UnixPlug {
  readonly #listener: UnixListener
  readonly #resolve: (closed: boolean) => void
  readonly #accept: ListeningHandle['onconnection']
  /** Its messages come in the poll phase. */
  readonly #channel = new (process.getBuiltinModule('node:worker_threads').MessageChannel)()
  #accepted = 0
  #isTrying = false
  readonly #time = new TurningTime()
  #leftMs = TRY_MS
  #timer: NodeJS.Timeout | undefined

  constructor(listener: UnixListener, resolve: (closed: boolean) => void) {
    this.#listener = listener
    this.#resolve = resolve
    this.#accept = listener.handle.onconnection
  }

  start(): void {
    const plug = this
    const { handle } = this.#listener
    handle.onconnection = function (status, accepted) {
      plug.#accepted++
      // Now the place may be free, and for the shortest time.
      plug.#try()
      plug.#accept.call(this, status, accepted)
    }
    handle.listen(0)
    this.#channel.port1.on('message', () => this.#try())
    this.#timer = setInterval(() => this.#look(), EVERY_MS)
    this.#look()
  }

  #look(): void {
    this.#leftMs -= this.#time.passed()
    if (!this.#listener.isOpen()) this.#end(true)
    else if (this.#leftMs <= 0) this.#end(false)
    else this.#channel.port2.postMessage(undefined)
  }

  #try(): void {
    if (this.#isTrying || this.#timer === undefined || !this.#listener.isOpen()) return
    this.#isTrying = true
    const acceptedBefore = this.#accepted
    let failure: string | undefined
    const socket = new (process.getBuiltinModule('node:net').Socket)()
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      failure = String(code)
    })
    try {
      // connect(2) is done when this returns.
      socket.connect({ path: this.#listener.path })
    } catch (error) {
      // What watches over connections, or forbids them, stands in for Node's `connect`.
      failure = String(error)
    }
    setImmediate(() => {
      this.#isTrying = false
      this.#tried(failure, this.#accepted > acceptedBefore)
      socket.destroy()
    })
  }

  #tried(failure: string | undefined, wasAccepted: boolean): void {
    if (this.#timer === undefined) return
    if (!this.#listener.isOpen()) {
      this.#end(true)
      return
    }
    if (failure === undefined && !wasAccepted) {
      this.#listener.close()
      this.#end(true)
      return
    }
    if (failure === undefined || failure === FULL) return
    // The path is another's by now, or we may not use it: trying again is no use.
    debug('no plug for %s: %s', this.#listener.path, failure)
    this.#end(false)
  }

  #end(closed: boolean): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#channel.port1.close()
    this.#listener.handle.onconnection = this.#accept
    this.#resolve(closed)
  }
}
