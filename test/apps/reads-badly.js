// A reader of a child's output that throws at one line, and rejects at another.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
process.on('uncaughtException', (error) => console.log(`uncaught ${error.message}`))
const lines = ['one', 'throw', 'two', 'reject', 'three']
shutdown.supervise('says', ['sh', '-c', `printf '${lines.join('\\n')}\\n'; exec sleep 60`], {
  output: (line) => {
    console.log(line)
    if (line === 'throw') throw new Error('thrown')
    if (line === 'reject') return Promise.reject(new Error('rejected'))
  },
})
