// Puppeteer style: a library that listens to SIGINT and SIGTERM, `early` before lastcall does, and exits at once; on
// SIGUSR2 it exits without any of them. `named` took process.exit before anybody could wrap it.
import { exit } from 'node:process'
import { startService } from './with-tree.js'

const [when, how] = process.argv.slice(2)
function onSignal(signal) {
  if (how === 'timer') setTimeout(process.exit, 1)
  else how === 'named' ? exit(130) : process.exit(signal === 'SIGUSR2' ? 5 : 130)
}
if (when === 'early') for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, onSignal)
startService()
if (when === 'late') for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, onSignal)
process.on('SIGUSR2', onSignal)
console.log('ready')
