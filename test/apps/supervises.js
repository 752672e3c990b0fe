// Supervises what LASTCALL_TEST_CHILDREN says, [name, command, options] each, and tells every event.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const children = JSON.parse(process.env.LASTCALL_TEST_CHILDREN)
for (const [name, command, options] of children) {
  const child = shutdown.supervise(name, command, options)
  child.ready.then(
    () => console.log(`${name} was ready as ${child.pid}`),
    (error) => console.log(error.message),
  )
  for (const type of ['state', 'exit', 'message']) {
    child.on(type, (event) =>
      console.log(
        name,
        Object.values(event)
          .filter((value) => value !== null)
          .join(' '),
        Math.round(performance.timeOrigin + performance.now()),
      ),
    )
  }
}
setInterval(() => {}, 1000)
console.log('ready')
