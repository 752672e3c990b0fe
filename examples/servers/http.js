// node examples/servers/http.js, then curl -v localhost:8080 in another terminal, and Ctrl-C before it is answered.
// Watch: curl gets its answer, with `Connection: close`, and the process ends right after it.
import { createServer } from 'node:http'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()

const server = createServer(async (_, response) => {
  await sleep(1000)
  response.end('hello\n')
})
shutdown.server(server)
server.listen(process.env.PORT ?? 8080, () => console.log(`ready on port ${server.address().port}`))
