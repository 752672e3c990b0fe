import type { Server } from 'node:net'

/** Ends listening, and leaves the connections alone; a server that does not listen is done. */
export async function endListener(server: Server, _limit: AbortSignal): Promise<void> {
  if (server.listening) process.getBuiltinModule('node:net').Server.prototype.close.call(server)
}
