// Hooks that throw what is no error.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const odd = {
  null: null,
  undefined: undefined,
  'a number': 7,
  'a frozen object': Object.freeze({}),
  'a getter that throws': {
    get message() {
      throw new Error('no message')
    },
  },
  'a symbol': Symbol('odd'),
  'no prototype': Object.create(null),
}
for (const [name, thing] of Object.entries(odd))
  shutdown.hook(name, () => {
    throw thing
  })
setInterval(() => {}, 1000)
console.log('ready')
