// A task of an adopted pool, or a tracked promise, that fails; nobody awaits it, or somebody catches it.
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
const work = what === 'promise' ? shutdown.track(Promise.reject(new Error('no'))) : pool.run('no')
if (caught) work.catch((error) => console.log(`caught ${error.message}`))
console.log(`a task that is done gives ${await pool.run(1)}`)
console.log('ready')
