// Begins by itself, with 20 s, the options of the argument and a hook that takes them all and asks every 50 ms how many there are.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown({ ...given, ...JSON.parse(process.argv[2] ?? '{}'), terminationGracePeriodSeconds: 20 })
shutdown.hook('asks', ({ signal, remainingMs }) => {
  console.log(`ready with ${Math.round(remainingMs() / 1000)} s`)
  const timer = setInterval(() => console.log(`has ${Math.floor(remainingMs() / 1000)} s`), 50)
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(clearInterval(timer))))
})
shutdown.begin('its own wish')
