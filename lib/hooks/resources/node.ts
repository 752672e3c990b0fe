import type { Shape } from './shape.ts'
import { call, can, has, inside, oneOf, type Thing } from './thing.ts'

const fileHandle: Shape = {
  what: 'fs.FileHandle',
  how: 'handle.close()',
  looksLike: (handle) => can(handle, 'close', 'stat', 'datasync') && has(handle, 'fd'),
  close: (handle) => call(handle, 'close'),
}

const http2Session: Shape = {
  what: 'http2 session',
  how: 'session.close()',
  forced: 'session.destroy()',
  looksLike: (session) => can(session, 'goaway', 'ping', 'close', 'destroy'),
  close: async (session) => {
    if (inside(session, 'destroyed') === true) return
    const closed = oneOf(session, 'close')
    call(session, 'close')
    await closed
  },
  force: (session) => call(session, 'destroy'),
}

const socket: Shape = {
  what: 'net.Socket, tls.TLSSocket',
  how: 'socket.end()',
  forced: 'socket.destroy()',
  looksLike: (socket) => can(socket, 'end', 'destroy', 'setKeepAlive') && has(socket, '_writableState'),
  close: async (socket) => {
    if (inside(socket, 'destroyed') === true) return
    const closed = oneOf(socket, 'close')
    call(socket, 'end')
    await closed
  },
  force: (socket) => call(socket, 'destroy'),
}

// Its Symbol.asyncDispose destroys it, and what was written and not yet delivered is lost.
const writable: Shape = {
  what: 'Writable, Duplex, Transform, fs.WriteStream',
  how: 'stream.end()',
  forced: 'stream.destroy()',
  looksLike: (stream) => can(stream, 'write', 'end', 'destroy', 'on') && has(stream, '_writableState'),
  close: async (stream) => {
    if (inside(stream, 'destroyed') === true) return
    call(stream, 'end')
    // Loaded only now: it costs 2 ms, and most services have no stream to end.
    await process
      .getBuiltinModule('node:stream/promises')
      .finished(stream as unknown as NodeJS.WritableStream, { readable: isRead(stream) })
  },
  force: destroyStream,
}

const readable: Shape = {
  what: 'Readable, fs.ReadStream',
  how: 'stream.destroy()',
  looksLike: (stream) => can(stream, 'read', 'destroy', 'on') && has(stream, '_readableState'),
  close: async (stream) => {
    const tells = inside(stream, '_readableState', 'emitClose') !== false && inside(stream, 'closed') !== true
    const closed = tells ? oneOf(stream, 'close') : undefined
    destroyStream(stream)
    await closed
  },
}

/** Whether somebody takes what a Duplex or Transform gives: then it is over when they have it all. Else nobody ever will. */
function isRead(stream: Thing): boolean {
  return ['data', 'readable'].some((event) => (call(stream, 'listenerCount', event) as number) > 0)
}

function destroyStream(stream: Thing): void {
  call(stream, 'destroy')
}

/** Node's own. Streams come last of all shapes: loggers and others are streams too. */
export const NODE: readonly Shape[] = [fileHandle, http2Session, socket, writable, readable]
