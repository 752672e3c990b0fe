// A service that a library may disturb: a child with children, and a hook that takes a moment.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

export function startService(took = Number(process.env.LASTCALL_TEST_TOOK ?? 200)) {
  const shutdown = createShutdown(given)
  shutdown.supervise('child', ['sh', '-c', 'sleep 60 & sleep 60; wait'])
  shutdown.hook('drains', () => new Promise((done) => setTimeout(done, took)), { phase: 'drain' })
  shutdown.hook('closes', () => console.log('closed'))
  setInterval(() => {}, 1000)
  return shutdown
}
