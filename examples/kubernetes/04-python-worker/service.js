// See README.md beside this file.
import { createServer } from 'node:http'
import process from 'node:process'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()
const waiting = []
const model = shutdown.supervise('model', ['python3', '-u', 'model.py'], {
  stdin: 'pipe',
  ready: { line: 'model loaded' },
  output: (line) => (/^\d+$/.test(line) ? waiting.shift()?.(line) : console.log(`model | ${line}`)),
})

const server = createServer((request, response) => {
  console.log(`${request.method} ${request.url}`)
  waiting.push((answer) => response.end(`${answer}\n`))
  model.stdin?.write(`${Number(request.url.slice(1)) || 0}\n`)
})
shutdown.server(server) // drains first; the model is told when the last answer has gone

await model.ready
server.listen(process.env.PORT ?? 8080, () => console.log('ready'))
