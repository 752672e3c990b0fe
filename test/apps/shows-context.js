// Prints what a hook is called with, and what happens to its signal at its own limit.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
shutdown.hook(
  'looks',
  ({ signal, deadline, remainingMs, reason }) => {
    const left = remainingMs()
    const shown = {
      aborted: signal.aborted,
      isDate: deadline instanceof Date,
      left,
      aheadMs: deadline - Date.now(),
      reason,
    }
    console.log(JSON.stringify(shown))
    return new Promise((resolve) =>
      signal.addEventListener('abort', () => {
        console.log(JSON.stringify({ why: signal.reason.name, left: remainingMs() }))
        setTimeout(resolve, 5)
      }),
    )
  },
  { timeoutMs: 150 },
)
setInterval(() => {}, 1000)
console.log('ready')
