// node dist/cli.js run --config examples/12-several-commands/lastcall.config.json, then Ctrl-C, or kill -TERM on its pid.
// Watch: the web service starts when the worker is ready, although it is the first in the file; told to stop, it ends
// first, and only then the worker, with its job finished. Kill the worker by its pid, and it is started again.
import { createServer } from 'node:http'

const server = createServer((_, response) => response.end('hello\n'))
process.on('SIGTERM', () => {
  console.log('web takes no more requests')
  server.close(() => console.log('web is done'))
})
server.listen(Number(process.env.PORT ?? 0), () => console.log(`web listens on port ${server.address().port}`))
