// terminus beside lastcall: `default` sends the signal again, `exit0` has useExit0, `other` listens to another signal, as
// the docs say.
import { createServer } from 'node:http'
import { createTerminus } from '@godaddy/terminus'
import { startService } from './with-tree.js'

const how = process.argv[2]
startService()
const server = createServer((_, response) => response.end('hello'))
createTerminus(server, {
  ...(how === 'other' && { signal: 'SIGUSR2' }),
  useExit0: how === 'exit0',
  onSignal: async () => console.log('terminus cleaned up'),
})
server.listen(0, () => console.log('ready'))
