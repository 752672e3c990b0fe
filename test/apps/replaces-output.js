// Replaces the write of stdout and stderr, in the way of the first argument; a hook prints.
import { writeSync } from 'node:fs'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const ways = {
  swallows: () => true,
  throws: () => {
    throw new Error('no output today')
  },
  rejects: () => Promise.reject(new Error('not today')),
}
createShutdown(given).hook('prints', async () => {
  try {
    console.log('printed')
  } catch {}
  await new Promise((resolve) => setImmediate(resolve))
})
if (process.argv[2] === 'is no stream') {
  Object.defineProperty(process, 'stdout', { value: { writable: true, write() {} } })
  Object.defineProperty(process, 'stderr', {
    get() {
      throw new Error('there is none')
    },
  })
} else process.stdout.write = process.stderr.write = ways[process.argv[2]]
setInterval(() => {}, 1000)
writeSync(1, 'ready\n')
