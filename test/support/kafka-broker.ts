import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { crc32 } from 'node:zlib'
import type { TestContext } from './suite.ts'

/** The other side of Kafka's protocol, for one consumer of one topic with one partition: no broker can be had here. */
export interface KafkaBroker {
  readonly address: string
  /** What the consumer has committed: the offset of the first message that is not done. */
  readonly committed: () => number
  /** Names of what was asked, in order. */
  readonly seen: readonly string[]
}

/** Of each request the one version that is spoken here: the oldest that kafkajs has. */
const API: Readonly<Record<number, { readonly name: string; readonly version: number }>> = {
  1: { name: 'Fetch', version: 0 },
  2: { name: 'ListOffsets', version: 0 },
  3: { name: 'Metadata', version: 0 },
  8: { name: 'OffsetCommit', version: 2 },
  9: { name: 'OffsetFetch', version: 1 },
  10: { name: 'FindCoordinator', version: 0 },
  11: { name: 'JoinGroup', version: 0 },
  12: { name: 'Heartbeat', version: 0 },
  13: { name: 'LeaveGroup', version: 0 },
  14: { name: 'SyncGroup', version: 0 },
  18: { name: 'ApiVersions', version: 0 },
}
/** How long a fetch that finds nothing is kept waiting. */
const POLL_MS = 50

export async function startKafkaBroker(
  t: TestContext,
  topic: string,
  messages: readonly string[],
): Promise<KafkaBroker> {
  const seen: string[] = []
  let committed = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let rest = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk])
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE()) {
        const end = 4 + rest.readInt32BE()
        const { name, correlation, request } = head(rest.subarray(4, end))
        rest = rest.subarray(end)
        seen.push(name)
        const body = answers[name]?.(request) ?? Buffer.alloc(0)
        const answer = (): boolean => socket.write(bytes(Buffer.concat([int32(correlation), body])))
        if (name === 'Fetch' && body.length === empty().length) setTimeout(answer, POLL_MS)
        else answer()
      }
    })
  })
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo

  const NONE = int16(0)
  const me = [int32(1), string('127.0.0.1'), int32(port)]
  const onPartition = (...parts: Buffer[]): Buffer => array([string(topic), array([int32(0), ...parts])])
  const from = (offset: number): Buffer =>
    Buffer.concat(messages.map((text, at) => (at < offset ? Buffer.alloc(0) : message(at, text))))
  const fetched = (set: Buffer): Buffer => onPartition(NONE, int64(messages.length), bytes(set))
  const empty = (): Buffer => fetched(Buffer.alloc(0))

  const answers: Readonly<Record<string, (request: Reader) => Buffer>> = {
    ApiVersions: () => {
      const known = Object.entries(API).map(([key, { version }]) => [int16(+key), int16(version), int16(version)])
      return Buffer.concat([NONE, array(...known)])
    },
    Metadata: () => {
      const partition = array([NONE, int32(0), int32(1), array([int32(1)]), array([int32(1)])])
      return Buffer.concat([array(me), array([NONE, string(topic), partition])])
    },
    FindCoordinator: () => Buffer.concat([NONE, ...me]),
    JoinGroup: (request) => {
      request.string()
      request.int32()
      request.string()
      request.string()
      request.int32()
      const [protocol, metadata] = [request.string(), request.bytes()]
      const [name, id] = [string(protocol), string('member')]
      return Buffer.concat([NONE, int32(1), name, id, id, array([id, bytes(metadata)])])
    },
    /** The member leads its group: what it has assigned to itself comes back. */
    SyncGroup: (request) => {
      request.string()
      request.int32()
      request.string()
      request.int32()
      request.string()
      return Buffer.concat([NONE, bytes(request.bytes())])
    },
    OffsetFetch: () => onPartition(int64(committed), string(''), NONE),
    ListOffsets: () => onPartition(NONE, array([int64(0)])),
    Fetch: (request) => {
      for (let number = 0; number < 4; number++) request.int32()
      request.string()
      request.int32()
      request.int32()
      return fetched(from(request.int64()))
    },
    OffsetCommit: (request) => {
      request.string()
      request.int32()
      request.string()
      request.int64()
      request.int32()
      request.string()
      request.int32()
      request.int32()
      committed = request.int64()
      return onPartition(NONE)
    },
    Heartbeat: () => NONE,
    LeaveGroup: () => NONE,
  }
  return { address: `127.0.0.1:${port}`, committed: () => committed, seen }
}

function head(packet: Buffer): { name: string; correlation: number; request: Reader } {
  const request = new Reader(packet)
  const [key, version, correlation] = [request.int16(), request.int16(), request.int32()]
  request.string()
  const { name, version: spoken } = API[key] ?? {}
  // Later versions of ApiVersions are tried first; what they add follows the answer, and is not needed.
  if (!name || (version !== spoken && name !== 'ApiVersions')) throw new Error(`request ${key} of version ${version}`)
  return { name, correlation, request }
}

class Reader {
  readonly #packet: Buffer
  #at = 0

  constructor(packet: Buffer) {
    this.#packet = packet
  }

  int16 = (): number => this.#take(2).readInt16BE()
  int32 = (): number => this.#take(4).readInt32BE()
  int64 = (): number => Number(this.#take(8).readBigInt64BE())
  string = (): string => this.#take(Math.max(0, this.int16())).toString()
  bytes = (): Buffer => this.#take(Math.max(0, this.int32()))

  #take(many: number): Buffer {
    this.#at += many
    return this.#packet.subarray(this.#at - many, this.#at)
  }
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2)
  buffer.writeInt16BE(value)
  return buffer
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32BE(value)
  return buffer
}

function int64(value: number): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeBigInt64BE(BigInt(value))
  return buffer
}

const string = (text: string): Buffer => Buffer.concat([int16(Buffer.byteLength(text)), Buffer.from(text)])
const bytes = (buffer: Buffer): Buffer => Buffer.concat([int32(buffer.length), buffer])
const array = (...elements: readonly Buffer[][]): Buffer => Buffer.concat([int32(elements.length), ...elements.flat()])

/** Of the oldest format: its offset, its size, a checksum, two bytes of flags, no key, its value. */
function message(offset: number, text: string): Buffer {
  const content = Buffer.concat([int16(0), int32(-1), bytes(Buffer.from(text))])
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(content))
  return Buffer.concat([int64(offset), bytes(Buffer.concat([checksum, content]))])
}
