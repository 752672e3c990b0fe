// Kills a deaf child while it is being stopped, and starts another one of its name as soon as it hears of the end.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const deaf = shutdown.supervise('deaf', ['sh', '-c', 'trap "" TERM; echo up; sleep 60; sleep 60'], {
  ready: { line: 'up' },
})
await deaf.ready
deaf.on('state', ({ state }) => {
  if (state === 'gone') shutdown.supervise('deaf', ['sleep', '60']).ready.then(() => console.log('ready'))
})
const stopped = deaf.stop()
setTimeout(() => deaf.kill(), 300)
console.log(`killed ${(await stopped).killed}`)
