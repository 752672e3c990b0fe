import type { ChildProcess } from 'node:child_process'
import { debugLog } from '../debug-log.ts'
import { TREE_COOKIE } from '../process-tree/cookie.ts'
import { clearTimeout, setTimeout } from '../real-time.ts'
import { extensionAfterMs, stoppingMessage } from './message.ts'

const debug = debugLog('systemd')

/**
 * Tells systemd that we stop, and how long that may take: where TimeoutStopSec is less, it waits until our own SIGKILL
 * would be due. The program `systemd-notify` speaks for us, since Node has no datagram sockets of the file system. Nobody
 * waits for it, and where it is missing or refused, TimeoutStopSec counts. Returns what takes it off.
 */
export function tellSystemd(stopping: AbortSignal, leftMs: () => number): () => void {
  if (!isService()) return () => {}
  let timer: NodeJS.Timeout | undefined
  let telling: ChildProcess | undefined
  const failed = (error: unknown): void => {
    clearTimeout(timer)
    debug('systemd was not told: %s', (error as Error).message)
  }
  const tell = (): void => {
    const left = leftMs()
    if (left <= 0) return
    timer = setTimeout(tell, extensionAfterMs(left)).unref()
    try {
      // One that still waits for a socket that nobody reads waits in vain.
      telling?.kill('SIGKILL')
      const { spawn } = process.getBuiltinModule('node:child_process')
      telling = spawn('systemd-notify', stoppingMessage(left), { stdio: 'ignore' }).once('error', failed)
      telling.once('exit', () => (telling = undefined)).unref()
    } catch (error) {
      // With --permission it throws.
      failed(error)
    }
  }
  // A moment later: to start a program takes milliseconds, and what stops comes first.
  const begin = (): void => {
    timer = setTimeout(tell, 0).unref()
  }
  stopping.addEventListener('abort', begin, { once: true })
  return () => {
    stopping.removeEventListener('abort', begin)
    clearTimeout(timer)
  }
}

/** A process below the service's own, of a lastcall or forked, has the same variable: its end is not the service's. */
function isService(): boolean {
  const { NOTIFY_SOCKET, [TREE_COOKIE]: cookie } = process.env
  return Boolean(NOTIFY_SOCKET) && !cookie && !process.channel
}
