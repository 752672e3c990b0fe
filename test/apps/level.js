// A level of three: supervises the next one through a bash script. The lowest one's hook takes the ms of the argument.
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const [level, ms] = process.argv.slice(2).map(Number)
const folder = process.env.LASTCALL_TEST_FOLDER
const shutdown = createShutdown({ ...(level === 1 && given), reportFile: `${folder}/${level}.json` })
shutdown.hook('clean up', ({ signal }) => sleep(level === 3 ? ms : 20, undefined, { signal }))
if (level < 3) {
  const script = ['bash', `${folder}/start.sh`, process.argv[1], String(level + 1), String(ms)]
  await shutdown.supervise('next', script, { ready: { line: `ready ${level + 1}` } }).ready
}
setInterval(() => {}, 1000)
console.log(`ready ${level} as ${process.pid}`)
