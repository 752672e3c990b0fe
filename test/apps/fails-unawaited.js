// A task of an adopted pool, or tracked work, that fails; nobody awaits it, or somebody catches it where it was made.
import { createShutdown } from 'lastcall'
import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'
import { given } from './given.js'

const shutdown = createShutdown(given)
const [what, caught] = process.argv.slice(2)
process.on('unhandledRejection', (error) => console.log(`unhandled ${error.message}`))
const Pool = what === 'piscina' ? Piscina : Tinypool
const pool = new Pool({ filename: new URL('pool-task.js', import.meta.url).href, minThreads: 1, maxThreads: 1 })
shutdown.adopt('pool', pool)
const fail = async () => {
  throw new Error('no')
}
const ways = { function: () => shutdown.track(fail), promise: fail }
const work = ways[what]?.() ?? pool.run('no')
if (what === 'promise') shutdown.track(work)
if (caught) work.catch((error) => console.log(`caught ${error.message}`))
console.log(`a task that is done gives ${await pool.run(1)}`)
console.log('ready')
// Until it is told: an empty event loop would end it before.
setInterval(() => {}, 1_000)
