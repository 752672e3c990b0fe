// Disposes of its shutdown while a child crashes, and makes another one.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const first = createShutdown({ exit: false })
const child = first.supervise('crash', ['sh', '-c', 'exit 3'])
first.dispose()
const second = createShutdown(given)
second.hook('goodbye', () => console.log('goodbye'))
for await (const { state } of child) if (state === 'failed') console.log('ready')
setInterval(() => {}, 1000)
