import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { setTimeout } from '../../real-time.ts'
import type { LineReader, Readiness } from '../plan/child-options.ts'

/** Between two tries at a port or a URL, in milliseconds. */
const RETRY_MS = 50

/** One try may take this long: a program that accepts and never answers is not ready. */
const TRY_MS = 2_000

/** Resolves when the child is ready; never before it has started, and not at all once `signal` has aborted. */
export function whenReady(
  ready: Readiness,
  child: ChildProcess,
  onLines: (reader: LineReader) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const isReady = (): void => {
      if (!signal.aborted) resolve()
    }
    if (ready === 'spawn') child.once('spawn', isReady)
    else if (ready === 'ipc') {
      const onMessage = (message: unknown): void => {
        if (message === 'ready') isReady()
      }
      child.on('message', onMessage)
      signal.addEventListener('abort', () => child.off('message', onMessage))
    } else if ('fd' in ready) {
      const pipe = child.stdio[ready.fd] as Readable | null | undefined
      pipe?.on('data', (piece: Buffer) => {
        if (piece.includes('\n')) isReady()
      })
      // s6: the program writes a newline and closes it; nothing that it does there is our trouble.
      pipe?.on('error', () => {})
    } else if ('line' in ready) {
      onLines((line) => {
        if (signal.aborted) return
        if (typeof ready.line === 'string' ? line.includes(ready.line) : line.search(ready.line) >= 0) isReady()
      })
    } else
      void tryUntil('http' in ready ? () => answers(ready.http) : () => accepts(ready.port, ready.host), signal).then(
        isReady,
      )
  })
}

async function tryUntil(attempt: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await attempt())) await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
}

function accepts(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = process.getBuiltinModule('node:net').connect({ port, host, timeout: TRY_MS })
    const end = (yes: boolean) => (): void => {
      socket.destroy()
      resolve(yes)
    }
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false))
  })
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const http = process.getBuiltinModule(url.startsWith('https:') ? 'node:https' : 'node:http')
    // The option `timeout` counts idle time alone: an answer that drips would hold one try for ever.
    const signal = AbortSignal.timeout(TRY_MS)
    const request = http.get(url, { signal, agent: false }, (response) => {
      response.resume()
      const { statusCode = 500 } = response
      resolve(statusCode >= 200 && statusCode < 400)
      request.destroy()
    })
    // 101 is neither an answer nor an error.
    request.on('error', () => resolve(false)).once('close', () => resolve(false))
  })
}
