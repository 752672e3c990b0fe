// node examples/06-report-file.js, then Ctrl-C; then read the file that it names.
// Watch: the file is there from the first moment, `"ended": "in progress"`, so that a crash never leaves an old `clean`.
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createShutdown } from 'lastcall'

const reportFile = join(mkdtempSync(join(tmpdir(), 'lastcall-')), 'report.json')
const shutdown = createShutdown({
  reportFile,
  logger: (line, { hooks }) =>
    console.log(
      line,
      hooks.map(({ name, outcome }) => `${name}: ${outcome}`),
    ),
})

shutdown.hook('cache', () => {
  const { ended, reason } = JSON.parse(readFileSync(reportFile, 'utf8'))
  console.log(`in the middle of it: ${ended}, begun by ${reason.signal}`)
})
shutdown.hook('mail', () => {
  throw new Error('the mail server has gone')
})

setInterval(() => {}, 1000)
console.log(`ready: kill -TERM ${process.pid}, then cat ${reportFile}`)
