// Gets the report by logger and by diagnostics_channel; with an argument both throw.
import { subscribe } from 'node:diagnostics_channel'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const fail = () => {
  if (process.argv[2]) throw new Error(`the ${process.argv[2]} reader`)
}
const logger =
  process.argv[2] === 'async'
    ? async () => fail()
    : (line, report) => fail(console.log(`logged: ${line} [${report.ended}]`))
subscribe('lastcall:report', (report) => fail(console.log(`published: ${report.verdict} [${report.ended}]`)))
createShutdown({ ...given, logger }).hook('close', () => {})
setInterval(() => {}, 1000)
console.log('ready')
