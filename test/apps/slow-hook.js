// A hook that takes 1.5 s, or the argument in ms; plain otherwise.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const ms = Number(process.argv[2] ?? 1500)
shutdown.hook('slow', () => {
  console.log('slow begins')
  return new Promise((resolve) => setTimeout(resolve, ms))
})
setInterval(() => {}, 1000)
console.log('ready')
