// node examples/01-hooks.js, then Ctrl-C, or kill -TERM from another terminal.
// Watch: the hook is awaited, then the process ends by itself, with one line that says how it went.
import { createServer } from 'node:http'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown() // first: a signal that comes earlier meets the default action

shutdown.hook('goodbye', async () => {
  console.log('saying goodbye takes 300 ms')
  await sleep(300)
  console.log('goodbye')
})

createServer((_, response) => response.end('hello\n')).listen(0, () => console.log(`ready: kill -TERM ${process.pid}`))
