// node examples/servers/fastify.js, then curl localhost:8080 in another terminal, and Ctrl-C before it is answered.
// Watch: the answer comes, then Fastify's own onClose hooks run, and what they need closes after them.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()

const fastify = Fastify()
shutdown.server(fastify) // drains its server, then calls fastify.close()
shutdown.hook('database', () => console.log('the database closes'), { after: ['close fastify server'] })

fastify.addHook('onClose', async () => console.log('onClose of Fastify'))
fastify.get('/', async () => {
  await sleep(1000)
  console.log('answering')
  return 'hello\n'
})
await fastify.listen({ port: process.env.PORT ?? 8080 })
console.log(`ready on port ${fastify.server.address().port}`)
