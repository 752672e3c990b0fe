// A hook, without a limit of its own, says its deadline.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

createShutdown(given).hook('says', ({ deadline }) => console.log(deadline.toISOString()))
setInterval(() => {}, 1000)
console.log('ready')
