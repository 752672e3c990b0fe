// The server that is stopped: node server.js '{"drain":"lastcall","protocol":"http","answer":"plain","handlerMs":20}'.
import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { cert, key } from './certificate.js'
import { drains } from './drains.js'

const {
  drain,
  protocol,
  answer = 'plain',
  handlerMs = 0,
  idleMs,
  keepAliveMs,
  delayMs = 0,
} = JSON.parse(process.argv[2])

const say = (response) => response.end('hello')
const answers = {
  // 0 ms is a synchronous handler, which is another case than a short one.
  plain: (_, response) => (handlerMs === 0 ? say(response) : setTimeout(say, handlerMs, response)),
  /** When the whole body is in. */
  upload: (request, response) => request.resume().once('end', () => say(response)),
  /** Reads nothing of the body. */
  early: (_, response) => say(response),
  /** Twenty pieces, at an even pace. */
  stream: (_, response) => {
    let pieces = 0
    const timer = setInterval(() => {
      response.write('piece')
      pieces += 1
      if (pieces < 20) return
      clearInterval(timer)
      response.end()
    }, handlerMs / 20)
    response.once('close', () => clearInterval(timer))
  },
}

const make = {
  http: () => createServer(answers[answer]),
  https: () => createHttpsServer({ cert, key }, answers[answer]),
  http2: () => createHttp2Server(answers[answer]),
  ws: () => createServer(answers[answer]),
}
const server = make[protocol]()
// Node's own 5 s end what the drain is to end.
if (keepAliveMs !== undefined) server.keepAliveTimeout = keepAliveMs
if (protocol === 'ws') {
  const { WebSocketServer } = await import('ws')
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('error', () => {})
    socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }))
  })
}
await drains[drain](server, { idleMs, delayMs })
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
