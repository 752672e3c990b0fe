// node examples/servers/socket-io.js, then connect with socket.io-client to http://localhost:8080, and Ctrl-C.
// Watch: what is emitted at the first moment arrives, then each client is told, and connects again elsewhere by itself.
import { createServer } from 'node:http'
import process from 'node:process'
import { createShutdown } from 'lastcall'
import { Server } from 'socket.io'

const shutdown = createShutdown()

const server = createServer((_, response) => response.end('hello\n'))
const io = new Server(server)
shutdown.server(io) // drains the http server, too; io.close() comes last

io.on('connection', (socket) => socket.on('hello', (answer) => answer('hello')))
shutdown.stopping.addEventListener('abort', () => io.emit('news', 'see you'))
server.listen(process.env.PORT ?? 8080, () => console.log(`ready on port ${server.address().port}`))
