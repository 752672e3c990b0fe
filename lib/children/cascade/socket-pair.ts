import { Buffer } from 'node:buffer'
import { fstatSync, readSync, writeSync } from 'node:fs'
import type { Socket } from 'node:net'

/** Two connected sockets: one to hand down, known by its inode before the child exists, and one to keep. */
export interface SocketPair {
  /** Of the end to hand down, until `handedDown`. */
  readonly fd: number
  readonly inode: number
  /** Closes our copy of the child's end: the child and its descendants alone keep it open. */
  handedDown(): void
  close(): void
}

/** What Node keeps below a socket: undocumented, and in every Node from 20 to 26. */
type Handled = Socket & { _handle: { readonly fd: number; close(): void } | null }

/**
 * Node makes a pair only inside of `spawn`, where nobody sees the child's end. So a server with a name that nobody can
 * guess accepts one connection, our own. The name is in Linux' abstract namespace, no file; everybody in the network
 * namespace can read it in /proc/net/unix, so our own end shows a token, and whoever else connects is dropped.
 *
 * Nothing is waited for: connect(2) to a unix socket returns before the other side accepts. `onOurs` gets the
 * descriptor to keep a turn of the event loop later. Undefined where there is no such namespace, or no descriptor left.
 */
export function openSocketPair(onOurs: (fd: number) => void): SocketPair | undefined {
  const { connect, createServer } = process.getBuiltinModule('node:net')
  const { randomBytes } = process.getBuiltinModule('node:crypto')
  const path = `\0lastcall-${randomBytes(16).toString('hex')}`
  const token = randomBytes(16)
  let ours: Socket | undefined

  // Paused: nothing is read of it but the token, and nothing is written but by us.
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const fd = (socket.unref() as Handled)._handle?.fd ?? -1
    if (ours || !shows(token, fd)) return close(socket)
    ours = socket
    server.close()
    onOurs(fd)
  })
  // In a cluster worker the primary would listen for us, and hold the other end.
  server.on('error', () => {}).listen({ path, exclusive: true })
  const child = connect({ path }).on('error', () => {}) as Handled
  const closeAll = (): void => {
    server.close()
    close(child)
    if (ours) close(ours)
  }
  try {
    const fd = child._handle?.fd ?? -1
    writeSync(fd, token)
    server.unref()
    return { fd, inode: fstatSync(fd).ino, handedDown: () => close(child), close: closeAll }
  } catch {
    closeAll()
    return undefined
  }
}

function shows(token: Buffer, fd: number): boolean {
  try {
    const seen = Buffer.alloc(token.length)
    return readSync(fd, seen) === token.length && token.equals(seen)
  } catch {
    return false
  }
}

/**
 * Not by `destroy`: for a log of its own it looks at `process.stderr`, which opens that, and makes a pipe that we share
 * with the child non-blocking.
 */
function close(socket: Socket): void {
  const handled = socket as Handled
  const handle = handled._handle
  handled._handle = null
  handle?.close()
}
