import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { RunningServer } from './round.ts'
import type { ServerWish } from './rows.ts'

export const SERVER = fileURLToPath(new URL('./server.js', import.meta.url))

export interface BenchServer extends RunningServer {
  readonly pid: number
  /** Its next line on stdout. */
  readonly nextLine: () => Promise<string>
  /** What it said on stderr: of use where it crashed. */
  readonly said: () => string
}

/** A process of its own, on a port that was free; `execArgv` is for node itself. */
export async function startServer(
  drain: string,
  wish: ServerWish,
  execArgv: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): Promise<BenchServer> {
  const { KUBERNETES_SERVICE_HOST: _, ...env } = process.env
  const child = spawn(process.execPath, [...execArgv, SERVER, JSON.stringify({ drain, ...wish })], {
    ...{ stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, ...more } },
  })
  const end = once(child, 'exit')
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const lines = createInterface(child.stdout)
  const nextLine = async (): Promise<string> => {
    const [line] = await Promise.race([once(lines, 'line'), end.then(() => [''])])
    return String(line)
  }
  const port = Number(/^listening (\d+)/.exec(await nextLine())?.[1])
  if (!port) throw new Error(`the server did not listen: ${stderr}`)
  const pid = child.pid as number
  return { pid, port, nextLine, kill: (signal) => child.kill(signal), exited: end, said: () => stderr }
}
