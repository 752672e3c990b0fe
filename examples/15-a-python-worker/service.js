// node examples/15-a-python-worker/service.js, curl http://127.0.0.1:PORT/7 meanwhile, then Ctrl-C or kill -TERM
// Watch: requests come when the worker is ready; the last one is answered before the worker is told to stop.

import { createServer } from 'node:http'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()
const waiting = []
const worker = shutdown.supervise('model', ['python3', '-u', `${import.meta.dirname}/worker.py`], {
  stdin: 'pipe',
  ready: { line: 'model loaded' },
  output: (line) => (/^\d+$/.test(line) ? waiting.shift()?.(line) : console.log(`model | ${line}`)),
})

const server = createServer((request, response) => {
  response.setHeader('connection', 'close')
  waiting.push((answer) => response.end(`${answer}\n`))
  worker.stdin?.write(`${request.url.slice(1)}\n`)
})
shutdown.hook('server', () => new Promise((done) => server.close(done)), { phase: 'drain' })

await worker.ready
server.listen(0, '127.0.0.1', () => console.log(`ready on http://127.0.0.1:${server.address().port}`))
