// A service that is PID 1 itself, without lastcall run above it.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

createShutdown(given)
await import('./makes-orphans.js')
