// One job that ends by itself and, with an argument, one that ends only at the cutoff, or fails of it as most do with a
// signal. A hook tells when it may run.
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const aborted = (signal) => new Promise((resolve) => signal.addEventListener('abort', resolve))
shutdown.track(() => new Promise((resolve) => setTimeout(resolve, 400))).then(() => console.log('short job done'))
if (process.argv[2] === 'endless') shutdown.track(aborted).then(() => console.log('endless job was given up'))
shutdown.stopping.addEventListener('abort', () => console.log('stopping'))
shutdown.hook('close', () => console.log(`close; cutoff ${shutdown.cutoff.aborted}`))
setInterval(() => {}, 1000)
console.log('ready')
if (process.argv[2] === 'aborted') await shutdown.track((signal) => sleep(60_000, 'done', { signal }))
