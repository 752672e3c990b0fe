// Fastify beside lastcall: alone (`resource`), or closed by close-with-grace, which exits (`close-with-grace`).
import closeWithGrace from 'close-with-grace'
import Fastify from 'fastify'
import { startService } from './with-tree.js'

const shutdown = startService()
const fastify = Fastify()
fastify.addHook('onClose', async () => console.log('fastify closed'))
if (process.argv[2] !== 'resource') closeWithGrace({ logger: false }, () => fastify.close())
await fastify.listen({ port: 0 })
// Until it is ready, a Fastify is a promise of itself.
if (process.argv[2] === 'resource') shutdown.resource('fastify', fastify)
console.log('ready')
