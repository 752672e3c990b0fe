import type { ServerHttp2Session } from 'node:http2'
import { pushedStreams } from './node-internals.ts'

/**
 * GOAWAY, which names the last stream that is served; the client repeats what it had sent behind it. The notice with the
 * highest stream there is (https://www.rfc-editor.org/rfc/rfc9113#section-6.8) would be worse: behind any GOAWAY of ours
 * Node 20 to 26 ignore new streams, and the client would hear that only with the second one.
 */
export function tellSession(session: ServerHttp2Session): void {
  if (session.closed || session.destroyed) return
  // Node fails what it pushes when its session closes, and an app that never closed one does not listen for that.
  for (const stream of pushedStreams(session)) stream.on('error', () => {})
  session.close()
}
