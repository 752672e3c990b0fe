// node examples/servers/ws.js, then npx wscat -c localhost:8080 in another terminal, and Ctrl-C here.
// Watch: what was sent before arrives, then each client reads 1001 and the reason, and connects again elsewhere.
import { createServer } from 'node:http'
import process from 'node:process'
import { createShutdown } from 'lastcall'
import { WebSocketServer } from 'ws'

const shutdown = createShutdown()

const server = createServer((_, response) => response.end('hello\n'))
const wss = new WebSocketServer({ server })
shutdown.server(wss, { closeReason: 'new version' }) // drains the http server, too

wss.on('connection', (socket) => {
  socket.on('message', (data) => socket.send(`you said ${data}`))
  shutdown.stopping.addEventListener('abort', () => socket.send('see you'))
})
server.listen(process.env.PORT ?? 8080, () => console.log(`ready on port ${server.address().port}`))
