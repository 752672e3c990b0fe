// One level of three: it supervises the next through a bash script, and the lowest one's hook takes the ms of the argument.
import { createShutdown } from 'lastcall'
const [level, ms] = process.argv.slice(2).map(Number)
const { LASTCALL_TEST_FOLDER: folder, LASTCALL_TEST_OPTIONS: options = '{}' } = process.env
const shutdown = createShutdown({ reportFile: `${folder}/${level}.json`, ...(level === 1 && JSON.parse(options)) })
const cleanUp = (context) => new Promise((resolve) => setTimeout(() => resolve(console.log(`${level} cleaned up`)), level === 3 ? ms : 20))
shutdown.hook('clean up', cleanUp)
if (level < 3) {
  const next = ['bash', `${folder}/start.sh`, process.argv[1], String(level + 1), String(ms)]
  await shutdown.supervise('next', next, { ready: { line: 'ready' } }).ready
}
setInterval(() => {}, 1000)
console.log(`ready ${level} ${process.pid}`)
