// Supervises a child where a guard is hard to have; at SIGUSR2 another one, and the descriptors are free again.
import { closeSync, openSync, unlinkSync } from 'node:fs'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const { free, execPath, unlink } = JSON.parse(process.argv[2])
const shutdown = createShutdown(given)
if (unlink) unlinkSync(process.execPath)
if (execPath) process.execPath = execPath
const full = free === undefined ? [] : [...descriptors()]
for (const fd of full.splice(0, free)) closeSync(fd)
const start = (name) => shutdown.supervise(name, ['sleep', '300'], { output: 'ignore' })
const first = start('first')
await first.ready
process.on('SIGUSR2', async () => {
  for (const fd of full.splice(0)) closeSync(fd)
  const second = start('second')
  await second.ready
  console.log(`second ${second.pid}`)
})
console.log(`first ${first.pid}\nready`)

function* descriptors() {
  try {
    for (;;) yield openSync('/dev/null')
  } catch {}
}
