import { performance as clock } from 'node:perf_hooks'
import * as timers from 'node:timers'
import * as promises from 'node:timers/promises'

// Time as it was when this was loaded. The fake timers of a test runner replace globals, what `node:timers` exports and
// methods of `performance` and `process`: looked up at the call, a deadline would wait for a test to turn its clock.

export const setTimeout = timers.setTimeout
export const clearTimeout = timers.clearTimeout
export const setInterval = timers.setInterval
export const clearInterval = timers.clearInterval
export const setImmediate = timers.setImmediate
export const queueMicrotask = globalThis.queueMicrotask
export const nextTick = process.nextTick
/** `setTimeout` of `node:timers/promises`. */
export const sleep = promises.setTimeout
/** `setImmediate` of `node:timers/promises`: until the event loop has come round. */
export const turn = promises.setImmediate
export const performance = { now: clock.now.bind(clock) }
/** `process.hrtime.bigint`. */
export const hrtime = process.hrtime.bigint
