// node examples/03-resource.js, then Ctrl-C; then look at the file that it names.
// Watch: the last line of the log is there. `resource` knows that a stream is ended, not destroyed, and says so.
import { createWriteStream, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown({
  logger: (line, report) => console.log(`${line}\n${report.hooks[0].name}: ${report.hooks[0].how}`),
})

const path = join(mkdtempSync(join(tmpdir(), 'lastcall-')), 'access.log')
const log = createWriteStream(path)
shutdown.resource('access log', log) // pools, brokers, loggers: the same line

const writing = setInterval(() => log.write('a line\n'), 100)
shutdown.stopping.addEventListener('abort', () => {
  clearInterval(writing)
  log.write('the last line\n')
})
console.log(`ready: kill -TERM ${process.pid}, then cat ${path}`)
