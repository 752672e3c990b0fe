// Adopts a pool of one thread of the package that the argument names, with a task that runs and one that waits.

import { createShutdown } from 'lastcall'
import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'
import { given } from './given.js'

const shutdown = createShutdown(given)
const [name, ms, options = '{}'] = process.argv.slice(2)
const Pool = name === 'piscina' ? Piscina : Tinypool
const pool = new Pool({ filename: new URL('pool-task.js', import.meta.url).href, minThreads: 1, maxThreads: 1 })
shutdown.adopt('images', pool, JSON.parse(options))
for (const task of [1, 2])
  pool.run(Number(ms)).then(
    () => console.log(`task ${task} is done`),
    () => console.log(`task ${task} is lost`),
  )
setInterval(() => {}, 1000)
console.log('ready')
