// A start that takes long, with a hook; `late` calls createShutdown only at SIGUSR2, `aborted` listens to `stopping`
// with what Node offers, `fetches` by fetch, `waits` does not listen at all.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const how = process.argv[2]
if (how === 'late') setTimeout(() => console.log('ready'), 1)
if (how === 'late') await Promise.race([once(process, 'SIGUSR2'), sleep(60_000)])
const shutdown = createShutdown(given)
shutdown.hook('closes', () => sleep(50).then(() => console.log('closed')))
const server = how === 'fetches' && (await import('node:http')).createServer(() => {}).listen(0)
console.log(how === 'late' ? 'created' : 'ready')
if (how === 'aborted') await sleep(60_000, undefined, { signal: shutdown.stopping })
else if (server) await fetch(`http://127.0.0.1:${server.address().port}`, { signal: shutdown.stopping })
else await sleep(60_000)
console.log('never')
shutdown.ready()
