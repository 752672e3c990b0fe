// With exit: false the process is the app's again: it says what is left of lastcall, and ends by itself.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const count = () => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
const before = count()
const shutdown = createShutdown({ ...given, exit: false })
shutdown.hook('work', () => {})
console.log('ready')
const report = await shutdown.begin()
console.log(
  `${report.ended}; listeners left: ${count() - before}; resources: ${process.getActiveResourcesInfo().filter((one) => one === 'Timeout')}`,
)
const next = createShutdown()
console.log(`another one: ${next !== shutdown}, ${next.state}`)
next.dispose()
