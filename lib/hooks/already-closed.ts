import { inside } from './resources/thing.ts'

const CODES = new Set([
  'ERR_SERVER_NOT_RUNNING',
  'ERR_SOCKET_DGRAM_NOT_RUNNING',
  'ERR_DIR_CLOSED',
  'ERR_HTTP2_INVALID_SESSION',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
  'CONNECTION_CLOSED', // nats 2
  'CONNECTION_DRAINING',
])

const NAMES = new Set([
  'ClientClosedError', // redis
  'ClosedConnectionError', // nats 3
  'DrainingConnectionError',
  'IllegalOperationError', // amqplib
  'CannotExecuteNotConnectedError', // typeorm
])

const MESSAGES = [
  'Called end on pool more than once', // pg
  'Connection is closed.', // ioredis
  'The client is closed', // redis 4
  'SonicBoom destroyed', // pino
  "Can't add new command when connection is in closed state", // mysql2
]

/** Whether an error of a close says that the thing was closed before: the app did it itself, and all is well. */
export function isAlreadyClosed(error: unknown): boolean {
  const [code, name, message] = ['code', 'name', 'message'].map((key) => String(inside(error, key)))
  return CODES.has(code ?? '') || NAMES.has(name ?? '') || MESSAGES.some((text) => message?.includes(text))
}
