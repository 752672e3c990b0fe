// Blocks the event loop around the final report, in the way of the first argument; a hook that is done before.
import { pbkdf2Sync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createShutdown } from 'lastcall'
import { blockHere } from './block-here.js'
import { given } from './given.js'

const way = process.argv[2]
const blocked = () => readFileSync(given.reportFile, 'utf8').includes('"ended": "blocked"')
createShutdown({ ...given, ...(way === 'logger' && { logger: blockHere }) }).hook('first', () => {
  while (way === 'until the watchdog tells' && !blocked());
})
if (way === 'exit listener') process.on('exit', blockHere)
if (way === 'native exit listener') process.on('exit', () => pbkdf2Sync('a', 'b', 2 ** 31 - 1, 64, 'sha512'))
console.log('ready')
setInterval(() => {}, 1_000)
