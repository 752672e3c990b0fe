// A thousand jobs in flight that listen to the cutoff; every second one ends only there.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
let ended = 0
const job = (number) => (signal) =>
  new Promise((resolve) => {
    if (number % 2 === 0 || process.argv[2] !== 'half') setTimeout(resolve, 100 + number / 10)
    signal.addEventListener('abort', resolve)
  })
for (let number = 0; number < 1_000; number++) shutdown.track(job(number)).then(() => ended++)
shutdown.hook('counts', () => console.log(`ended ${ended}, cutoff ${shutdown.cutoff.aborted}`))
setInterval(() => {}, 1000)
console.log('ready')
