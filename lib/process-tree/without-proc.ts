import { performance, sleep } from '../real-time.ts'
import { fromProc } from './find-linux.ts'
import type { KillResult } from './kill.ts'
import type { Members } from './members.ts'
import type { StopOptions, StopResult } from './stop/stop-result.ts'

// Where /proc is not mounted, and macOS has none, nobody can be listed. What the kernel knows all the same is the group:
// a signal to it reaches whoever has not left it, and its end is told by ESRCH. It is less than the truth about a tree,
// and enough to stop a program on a laptop.

/** How often a group is asked whether it is still there, in milliseconds. */
const ASK_MS = 25

/** How long killed processes may take to be gone. */
const KILLED_MS = 5_000

export function seesProcesses(): boolean {
  return fromProc('/proc/self/stat') !== undefined
}

/** The signal to the whole group; after its time SIGKILL. */
export async function stopUnseen(members: Members, options: StopOptions): Promise<StopResult> {
  const { signal, timeoutMs, kill } = options
  const startedAt = performance.now()
  const { pid, startTime } = members.root
  const name = members.leadsGroup ? 'process group' : 'process'
  const isTold = signal !== 'SIGKILL' && timeoutMs > 0 && send(members, signal)
  const isGone = (): boolean => !send(members, 0)
  const until = startedAt + timeoutMs
  while (isTold && !isGone() && performance.now() < until && !kill?.aborted) await sleep(ASK_MS)
  const killed = send(members, 'SIGKILL') ? 1 : 0
  const killedAt = performance.now()
  while (!isGone() && performance.now() - killedAt < KILLED_MS) await sleep(ASK_MS)
  const told = isTold ? [{ pid, startTime, name, signal, atMs: 0, by: 'stop', late: false } as const] : []
  for (const one of told) options.onTold?.(one)
  const unstopped = killed > 0 ? [{ pid, startTime, name }] : []
  return { told, deaf: [], unstopped, killed, survivors: [], denied: [], durationMs: performance.now() - startedAt }
}

/** SIGKILL to the whole group, in an `exit` listener, too. */
export function killUnseen(members: Members): KillResult {
  const killed = send(members, 'SIGKILL') ? 1 : 0
  return { killed, survivors: [], denied: [], durationMs: 0 }
}

/** False where nobody is there, or nobody whom we may signal. */
function send({ root, leadsGroup }: Members, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(leadsGroup ? -root.pid : root.pid, signal)
  } catch {
    return false
  }
}
