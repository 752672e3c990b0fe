// node examples/servers/express.js, then curl localhost:8080 in another terminal, and Ctrl-C before it is answered.
// Watch: the answer comes, and the database closes after it. The app itself is enough, before it listens.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import express from 'express'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()

const app = express()
shutdown.server(app)
shutdown.hook('database', () => console.log('the database closes'))

app.get('/', async (_, response) => {
  await sleep(1000)
  console.log('answering')
  response.send('hello\n')
})
const server = app.listen(process.env.PORT ?? 8080, () => console.log(`ready on port ${server.address().port}`))
