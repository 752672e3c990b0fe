// Says what the begin of a shutdown took of the main thread's CPU, in ms, and whether it opened stdout.
import { readFileSync, writeSync } from 'node:fs'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const cpuMs = () => {
  // The kernel counts to here when the thread sleeps.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
  return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6
}
const shutdown = createShutdown(given)
const before = cpuMs()
shutdown.begin()
const flags = readFileSync('/proc/self/fdinfo/1', 'utf8').match(/flags:\s*(\d+)/)[1]
writeSync(1, JSON.stringify({ ms: cpuMs() - before, isStdoutOpen: (Number.parseInt(flags, 8) & 0o4000) > 0 }))
