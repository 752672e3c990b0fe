import { EventEmitter, once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { BSON } from 'mongodb'
import type { TestContext } from './suite.ts'

const OP_MSG = 2013

/** The other side of MongoDB's wire protocol, as far as `hello` and commands without data go. */
export interface MongoServer {
  readonly url: string
  /** Resolves when a `ping` has come, with the function that answers it. */
  nextPing(): Promise<() => void>
}

export async function startMongoServer(t: TestContext): Promise<MongoServer> {
  const pings = new EventEmitter()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    let bytes = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      while (bytes.length >= 4 && bytes.length >= bytes.readInt32LE(0)) {
        const message = bytes.subarray(0, bytes.readInt32LE(0))
        bytes = bytes.subarray(message.length)
        const id = message.readInt32LE(4)
        // After the header: four bytes of flags, and one that says that a document follows.
        const command = BSON.deserialize(message.subarray(21))
        if ('ping' in command) pings.emit('ping', () => answer(socket, id, { ok: 1 }))
        else answer(socket, id, 'hello' in command ? HELLO : { ok: 1 })
      }
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `mongodb://127.0.0.1:${port}/test?directConnection=true`,
    nextPing: async () => (await once(pings, 'ping'))[0],
  }
}

const HELLO = {
  ok: 1,
  isWritablePrimary: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 25,
  logicalSessionTimeoutMinutes: 30,
}

function answer(socket: Socket, responseTo: number, document: object): void {
  const body = BSON.serialize(document)
  const header = Buffer.alloc(21)
  header.writeInt32LE(header.length + body.length, 0)
  header.writeInt32LE(responseTo, 8)
  header.writeInt32LE(OP_MSG, 12)
  socket.write(Buffer.concat([header, body]))
}
