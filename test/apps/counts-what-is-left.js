// What its process holds: before it has a shutdown, and each time after it has disposed of one that had work.
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const held = () => ({
  listeners: Object.fromEntries(process.eventNames().map((name) => [name, process.listenerCount(name)])),
  handles: process.getActiveResourcesInfo().sort(),
  descriptors: readdirSync('/proc/self/fd').length,
})
const use = async () => {
  const shutdown = createShutdown({ ...given, exit: false, watchdog: { heartbeatMs: 10_000 } })
  shutdown.hook('hook', () => {})
  await shutdown.track(() => sleep(10))
  const child = shutdown.supervise('child', ['sleep', '60'])
  await child.ready
  await child.stop()
  return shutdown
}
// The guard takes a moment to go.
const settled = async (last = '') => {
  const now = JSON.stringify(held())
  if (now === last && !now.includes('ProcessWrap')) return now
  await sleep(300)
  return settled(now)
}
// What Node itself opens at first use, and keeps.
;(await use()).dispose()
const all = [await settled()]
;(await use()).dispose()
all.push(await settled())
await (await use()).begin()
all.push(await settled())
console.log(`[${all}]`)
console.log('ready')
process.disconnect?.()
