import { fstatSync, writeSync } from 'node:fs'
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

/**
 * Node makes a pair only inside of `spawn`, where nobody sees the child's end. So a server with a name that nobody can
 * guess accepts one connection, our own. The name is in Linux' abstract namespace, no file; everybody in the network
 * namespace can read it in /proc/net/unix, so our own end shows a token, and whoever else connects is dropped.
 *
 * Nothing is waited for: connect(2) to a unix socket returns before the other side accepts. `onOurs` gets the end to
 * keep a turn of the event loop later. Undefined where there is no such namespace, or no descriptor is left.
 */
export function openSocketPair(onOurs: (socket: Socket) => void): SocketPair | undefined {
  const { connect, createServer } = process.getBuiltinModule('node:net')
  const { randomBytes } = process.getBuiltinModule('node:crypto')
  const path = `\0lastcall-${randomBytes(16).toString('hex')}`
  const token = randomBytes(16)
  const accepted = new Set<Socket>()

  const server = createServer((socket) => {
    accepted.add(socket.unref())
    socket.on('error', () => {}).once('close', () => accepted.delete(socket))
    socket.once('data', (bytes) => {
      if (!token.equals(bytes as Buffer)) return void socket.destroy()
      socket.pause()
      server.close()
      for (const other of accepted) if (other !== socket) other.destroy()
      onOurs(socket)
    })
  })
  // In a cluster worker the primary would listen for us, and hold the other end.
  server.on('error', () => {}).listen({ path, exclusive: true })
  const child = connect({ path }).on('error', () => {})
  const close = (): void => {
    child.destroy()
    server.close()
    for (const socket of accepted) socket.destroy()
  }
  try {
    // Undocumented, and in every Node from 20 to 26.
    const { fd } = (child as unknown as { _handle: { fd: number } })._handle
    writeSync(fd, token)
    server.unref()
    return { fd, inode: fstatSync(fd).ino, handedDown: () => void child.destroy(), close }
  } catch {
    close()
    return undefined
  }
}
