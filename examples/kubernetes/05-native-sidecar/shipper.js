// See README.md beside this file. Ships /log/access.log: here to stdout, in earnest to where your logs are.
import { open } from 'node:fs/promises'
import process from 'node:process'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()

const file = await open('/log/access.log', 'a+')
let position = 0
async function ship() {
  const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(65_536), position })
  if (bytesRead === 0) return
  position += bytesRead
  process.stdout.write(buffer.subarray(0, bytesRead))
  await ship()
}

let shipping = ship()
const timer = setInterval(() => (shipping = shipping.then(ship)), 1000)
shutdown.hook('last lines', async () => {
  clearInterval(timer)
  await shipping.then(ship)
  console.log('shipper: all is shipped')
})
console.log('shipper: ready')
