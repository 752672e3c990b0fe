// While in drain it registers a hook of a phase that is over, one of this phase, and one of a later phase.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const say = (text) => () => new Promise((resolve) => setTimeout(() => resolve(console.log(text)), 30))
shutdown.hook(
  'drain',
  async () => {
    shutdown.preStop('over', say('over'))
    shutdown.hook('joins', say('joins'), { phase: 'drain' })
    shutdown.hook('later', say('later'))
  },
  { phase: 'drain' },
)
setInterval(() => {}, 1000)
console.log('ready')
