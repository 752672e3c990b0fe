import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { RunningServer } from './round.ts'
import type { ServerWish } from './rows.ts'

export const SERVER = fileURLToPath(new URL('./server.js', import.meta.url))

export interface BenchServer extends RunningServer {
  /** What it said on stderr: of use where it crashed. */
  readonly said: () => string
}

/** A process of its own, on a port that was free. */
export async function startServer(drain: string, wish: ServerWish): Promise<BenchServer> {
  const { KUBERNETES_SERVICE_HOST: _, ...env } = process.env
  const child = spawn(process.execPath, [SERVER, JSON.stringify({ drain, ...wish })], {
    ...{ stdio: ['ignore', 'pipe', 'pipe'], env },
  })
  const end = once(child, 'exit')
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const line = await Promise.race([once(createInterface(child.stdout), 'line'), end.then(() => [''])])
  const port = Number(/^listening (\d+)/.exec(String(line[0]))?.[1])
  if (!port) throw new Error(`the server did not listen: ${stderr}`)
  return { port, kill: (signal) => child.kill(signal), exited: end, said: () => stderr }
}
