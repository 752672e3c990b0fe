import { connect } from 'node:net'

export type Kind = 'keep-alive' | 'a connection per request'

const REQUESTS: Readonly<Record<Kind, string>> = {
  'keep-alive': 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'a connection per request': 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
}

/**
 * Asks a healthy server over `clients` connections for a time and resolves with the number of answers. It costs as little
 * as it can, since it shares the machine with the server: an answer is whole when as many bytes have come as in the first.
 */
export async function steadyLoad(port: number, kind: Kind, { clients, ms }: { clients: number; ms: number }) {
  let answers = 0
  let isOver = false
  const request = REQUESTS[kind]
  const keepAlive = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      let answerBytes = 0
      let bytes = 0
      socket
        .on('connect', () => socket.write(request))
        .on('data', (chunk) => {
          answerBytes ||= chunk.length
          bytes += chunk.length
          if (bytes < answerBytes) return
          bytes = 0
          answers += 1
          if (isOver) socket.end()
          else socket.write(request)
        })
        .on('error', reject)
        .on('close', () => resolve())
    })
  const once = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      socket
        .on('connect', () => socket.write(request))
        .on('end', () => (answers += 1))
        .on('error', reject)
        .on('close', () => resolve())
        .resume()
    })
  const newEachTime = async (): Promise<void> => {
    while (!isOver) await once()
  }
  const all = Promise.all(Array.from({ length: clients }, kind === 'keep-alive' ? keepAlive : newEachTime))
  setTimeout(() => {
    isOver = true
  }, ms)
  await all
  return answers
}
