import { test } from '../suite.ts'

test(
  'waits for ever with the event loop alive',
  (t) => {
    const timer = setInterval(() => {}, 1000)
    t.after(() => clearInterval(timer))
    return new Promise(() => {})
  },
  { limitMs: 200 },
)
