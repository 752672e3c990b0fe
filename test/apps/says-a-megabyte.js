// A hook writes 1 MB to stdout; the exit must deliver it.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
shutdown.hook('speak', () => void process.stdout.write(`${'x'.repeat(1_048_576)}end`))
setInterval(() => {}, 1000)
process.stderr.write('ready\n')
