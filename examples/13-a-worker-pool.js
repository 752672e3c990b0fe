// node examples/13-a-worker-pool.js, then Ctrl-C or kill -TERM
// Watch: the tasks that run and those that still wait are done before the pool's threads end.

import { createShutdown } from 'lastcall'
import { Tinypool } from 'tinypool'

const shutdown = createShutdown()
const task = 'export default (n) => new Promise((done) => setTimeout(done, 300, n))'
const pool = new Tinypool({ filename: `data:text/javascript,${task}`, minThreads: 2, maxThreads: 2 })
shutdown.adopt('resize images', pool)
shutdown.hook('database', () => console.log('the database closes'))

for (const n of [1, 2, 3, 4]) pool.run(n).then((done) => console.log(`task ${done} is done`))
setInterval(() => {}, 1000)
console.log('ready')
