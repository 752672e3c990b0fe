// Says when each hook begins and ends, with two side by side and one that waits for another.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const say = (name, ms) => async () => {
  console.log(`${name} begins`)
  await new Promise((resolve) => setTimeout(resolve, ms))
  console.log(`${name} ends`)
}
shutdown.hook('db', say('db', 10), { after: ['cache'] })
shutdown.hook('cache', say('cache', 50))
shutdown.hook('files', say('files', 10))
for (const phase of ['flush', 'children', 'drain']) shutdown.hook(phase, say(phase, 10), { phase })
shutdown.preStop('leave', say('leave', 10))
setInterval(() => {}, 1000)
console.log('ready')
