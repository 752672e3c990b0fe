// A probe server, and hooks that wait for SIGUSR2, as the first argument says; SIGWINCH begins the shutdown.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const { phases = [], server = {}, late = false } = JSON.parse(process.argv[2] ?? '{}')
const shutdown = createShutdown(given)
const waits = (phase) => () => {
  const told = new Promise((resolve) => process.once('SIGUSR2', resolve))
  console.log(`in ${phase}`)
  return told
}
for (const phase of phases) shutdown.hook(phase, waits(phase), { phase })
process.on('SIGWINCH', () => shutdown.begin('maintenance'))
const probes = shutdown.probeServer({ port: 0, host: '127.0.0.1', ...server })
await probes.listening
if (!late) shutdown.ready()
setInterval(() => {}, 1000)
console.log(`port ${probes.address().port}\nready`)
