import { execSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import process from 'node:process'
import { handleOf, type ListeningHandle } from '../../../lib/serving/listener/listening-handle.ts'
import { closeByPlug } from '../../../lib/serving/listener/plug.ts'

// In a network of its own: node --import tsx unreachable.ts ADDRESS [COMMAND]. Says whether the plug has closed a listener
// there, the command run before.
const [, , host, command] = process.argv
const server = createServer().listen(0, host)
await once(server, 'listening')
if (command !== undefined) execSync(command)
const address = server.address() as AddressInfo
const startedAt = performance.now()
const closed = await closeByPlug({
  ...{ handle: handleOf(server) as ListeningHandle, address, isOpen: () => server.listening },
  close: () => server.close(),
})
server.close()
console.log(JSON.stringify({ closed, ms: performance.now() - startedAt }))
