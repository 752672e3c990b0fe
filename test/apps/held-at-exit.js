// A thread of it is in a native call that does not end when everything is over: in the way of the first argument.
import { pbkdf2 } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { createShutdown } from 'lastcall'
import { blockHere } from './block-here.js'
import { given } from './given.js'

const [, , way, fifo] = process.argv
const shutdown = createShutdown(given)
if (way.includes('read') || way === 'exit') readFile(fifo, () => {})
if (way === 'crypto') pbkdf2('a', 'b', 2 ** 31 - 1, 64, 'sha512', () => {})
if (way === 'worker') {
  const read = "require('worker_threads').parentPort.postMessage(1); require('fs').readFileSync(process.argv[2])"
  await once(new Worker(read, { eval: true, argv: [fifo] }), 'message')
}
if (way === 'read and loop') shutdown.hook('loop', blockHere)
if (way === 'exit') shutdown.hook('exit', () => process.exit(0))
console.log('ready')
setInterval(() => {}, 1_000)
