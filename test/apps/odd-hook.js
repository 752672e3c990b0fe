// One hook of phase drain does what the first argument says; one of phase close tells that it ran.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const nest = (depth) => {
  if (depth < 100) shutdown.hook(`level ${depth + 1}`, () => nest(depth + 1), { phase: 'drain' })
}
const ways = {
  'never yields': async () => {
    for (;;) await undefined
  },
  'sets the code': () => {
    process.exitCode = 5
  },
  'begins for an error': async () => {
    const { ended } = await shutdown.begin(new Error('from a hook'))
    console.log(`so far ${ended}`)
  },
  'registers without end': () => nest(0),
  'registers its own name': () => shutdown.hook('odd', () => {}),
  'goes elsewhere': () => process.chdir('/'),
  // With nobody listening any more the signal would end us at once.
  disposes: () => {
    shutdown.dispose()
    process.kill(process.pid, 'SIGTERM')
  },
}
shutdown.hook('odd', ways[process.argv[2]], { phase: 'drain' })
shutdown.hook('close', () => console.log('close'))
setInterval(() => {}, 1000)
console.log('ready')
