// While stopping it registers one of everything: work in drain and after the cutoff, children, a hook of a phase to come.
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const tried = (what) => {
  try {
    what()
  } catch (error) {
    console.log(error.code)
  }
}
shutdown.hook(
  'stops',
  () => {
    shutdown.track(sleep(100)).then(() => console.log('job done'))
    tried(() => shutdown.supervise('child', ['sleep', '62']))
    tried(() => shutdown.adopt('adopted', spawn('true')))
    shutdown.hook('closes', () => shutdown.track((signal) => console.log(`job in close, cutoff ${signal.aborted}`)))
  },
  { phase: 'drain' },
)
setInterval(() => {}, 1000)
console.log('ready')
