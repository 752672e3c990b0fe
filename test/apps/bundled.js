// A web service with a child, for bundlers: no top-level await, since some make CommonJS of it.
import express from 'express'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const server = express()
  .use((_, response) => response.send('hello'))
  .listen(0, '127.0.0.1', async () => {
    console.log(await (await fetch(`http://127.0.0.1:${server.address().port}/`)).text())
    await shutdown.supervise('child', ['sleep', '60']).ready
    console.log('ready')
  })
shutdown.hook('server', () => server.close())
