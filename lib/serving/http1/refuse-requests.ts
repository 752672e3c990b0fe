import type { HttpSocket } from './node-internals.ts'

/**
 * Requests that come while `isOver` are not begun, only read and counted: the client has been told of the end, and that it
 * may repeat them. https://www.rfc-editor.org/rfc/rfc9112#section-9.6.
 */
export function refuseRequests({ parser }: HttpSocket, isOver: () => boolean, refused: () => void): void {
  const begin = parser?.onIncoming
  if (!parser || !begin) return
  parser.onIncoming = (request, keepAlive) => {
    if (!isOver()) return begin(request, keepAlive)
    refused()
    request.resume()
    return 0
  }
}
