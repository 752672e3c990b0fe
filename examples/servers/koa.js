// node examples/servers/koa.js, then curl localhost:8080 in another terminal, and Ctrl-C before it is answered.
// Watch: the answer comes, and the database closes after it.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import Koa from 'koa'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()

const koa = new Koa()
shutdown.server(koa)
shutdown.hook('database', () => console.log('the database closes'))

koa.use(async (context) => {
  await sleep(1000)
  console.log('answering')
  context.body = 'hello\n'
})
const server = koa.listen(process.env.PORT ?? 8080, () => console.log(`ready on port ${server.address().port}`))
