// A forked service: says what its parent sends; `late` listens a moment later, `deaf` never, `done` not any more.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const how = process.argv[2]
const shutdown = createShutdown(given)
shutdown.hook('closes', () => console.log('closed'))
const said = (message) => console.log(`heard ${JSON.stringify(message)}`)
if (how === 'dispose') shutdown.dispose()
if (how === 'late') await new Promise((resolve) => setTimeout(resolve, 300))
if (how !== 'deaf' && how !== 'dispose') process.on('message', said)
if (how === 'done') process.off('message', said)
console.log(`ready, ${process.listenerCount('disconnect')} ${process.listenerCount('message')}`)
