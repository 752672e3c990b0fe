import { once } from 'node:events'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import type { TestContext } from './suite.ts'

const require = createRequire(import.meta.url)
// The package's own description of the protocol, which its export map keeps to itself.
const amqp = require(join(dirname(require.resolve('amqplib')), 'lib/defs.js')) as {
  encodeMethod(id: number, channel: number, fields: object): Buffer
  encodeProperties(id: number, channel: number, size: number, fields: object): Buffer
  decode(id: number, fields: Buffer): Record<string, unknown>
  readonly [name: string]: unknown
}

/** What is answered to which method. */
const ANSWERS: Readonly<Record<string, readonly [string, object]>> = {
  ConnectionStartOk: ['ConnectionTune', { channelMax: 10, frameMax: 131_072, heartbeat: 0 }],
  ConnectionOpen: ['ConnectionOpenOk', {}],
  ConnectionClose: ['ConnectionCloseOk', {}],
  ChannelOpen: ['ChannelOpenOk', {}],
  ChannelClose: ['ChannelCloseOk', {}],
  ConfirmSelect: ['ConfirmSelectOk', {}],
  BasicConsume: ['BasicConsumeOk', { consumerTag: 'workers' }],
  BasicCancel: ['BasicCancelOk', { consumerTag: 'workers' }],
}

/** The other side of AMQP, as far as opening, publishing, consuming and closing go. */
export interface AmqpBroker {
  readonly url: string
  /** Names of the methods that came, in order. */
  readonly seen: readonly string[]
  /** What became of messages: `BasicAck 1`, `BasicNack 0 requeue`. */
  readonly settled: readonly string[]
  /** Methods that are left without an answer. */
  readonly ignored: Set<string>
  /** How many sockets are open. */
  connected(): number
  /** Confirms the first message of a channel. */
  confirm(channel: number): void
  /** Cuts every connection, as a broker that crashes. */
  drop(): void
  /** Sends a message to the only consumer of a channel. */
  deliver(channel: number, deliveryTag: number): void
}

export async function startAmqpBroker(t: TestContext): Promise<AmqpBroker> {
  const seen: string[] = []
  const settled: string[] = []
  const ignored = new Set<string>()
  const sockets = new Set<Socket>()
  const send = (socket: Socket, method: string, channel: number, fields: object): void => {
    socket.write(amqp.encodeMethod(amqp[method] as number, channel, fields))
  }
  const drop = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    let bytes = Buffer.alloc(0)
    let greeted = false
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      if (!greeted && bytes.length >= 8) {
        greeted = true
        bytes = bytes.subarray(8)
        send(socket, 'ConnectionStart', 0, {
          versionMajor: 0,
          versionMinor: 9,
          serverProperties: {},
          mechanisms: Buffer.from('PLAIN'),
          locales: Buffer.from('en_US'),
        })
      }
      while (greeted && bytes.length >= 8 && bytes.length >= bytes.readUInt32BE(3) + 8) {
        const [type, channel, size] = [bytes.readUInt8(0), bytes.readUInt16BE(1), bytes.readUInt32BE(3)]
        const payload = bytes.subarray(7, 7 + size)
        bytes = bytes.subarray(size + 8)
        if (type !== 1) continue
        const id = payload.readUInt32BE(0)
        const name = Object.keys(amqp).find((key) => amqp[key] === id) ?? String(id)
        seen.push(name)
        if (['BasicAck', 'BasicNack'].includes(name)) {
          const { deliveryTag, requeue } = amqp.decode(id, payload.subarray(4))
          settled.push(`${name} ${deliveryTag}${requeue ? ' requeue' : ''}`)
        }
        const answer = ANSWERS[name]
        if (answer && !ignored.has(name)) send(socket, answer[0], channel, answer[1])
      }
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.close()
    drop()
  })
  const { port } = server.address() as AddressInfo
  const confirm = (channel: number): void => {
    for (const socket of sockets) send(socket, 'BasicAck', channel, { deliveryTag: 1, multiple: false })
  }
  const deliver = (channel: number, deliveryTag: number): void => {
    const body = Buffer.from('job')
    const frame = Buffer.concat([Buffer.from([3, 0, channel, 0, 0, 0, body.length]), body, Buffer.from([206])])
    const header = amqp.encodeProperties(amqp.BasicProperties as number, channel, body.length, {})
    const fields = { consumerTag: 'workers', deliveryTag, redelivered: false, exchange: '', routingKey: 'jobs' }
    for (const socket of sockets) {
      send(socket, 'BasicDeliver', channel, fields)
      socket.write(Buffer.concat([header, frame]))
    }
  }
  const url = `amqp://127.0.0.1:${port}`
  return { url, seen, settled, ignored, connected: () => sockets.size, confirm, drop, deliver }
}
