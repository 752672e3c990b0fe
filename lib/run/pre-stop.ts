import { spawn } from 'node:child_process'
import process from 'node:process'
import { newCookie, TREE_COOKIE } from '../process-tree/cookie.ts'
import { readStat } from '../process-tree/find-linux.ts'
import { killMembers } from '../process-tree/kill.ts'
import { Members } from '../process-tree/members.ts'

/**
 * Runs `--pre-stop` as a shell would, its output on stderr: stdout belongs to the command. Killed as a tree when
 * `signal` aborts: a `curl` that hangs is a grandchild.
 */
export async function runPreStop(script: string, signal: AbortSignal): Promise<void> {
  const cookie = newCookie()
  const child = spawn('/bin/sh', ['-c', script], {
    detached: true,
    env: { ...process.env, [TREE_COOKIE]: cookie },
    stdio: ['ignore', 2, 2],
  })
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, by) => resolve(code === 0 ? undefined : by ? `ended by ${by}` : `code ${code}`))
  })
  const root = child.pid === undefined ? undefined : readStat(child.pid)
  if (root) {
    const members = new Members(root, { cookie, ownGroup: true })
    const kill = (): void => void killMembers(members)
    signal.addEventListener('abort', kill, { once: true })
    const failed = await ended
    signal.removeEventListener('abort', kill)
    if (failed && !signal.aborted) throw new Error(`--pre-stop: ${failed}`)
    return
  }
  throw new Error(`--pre-stop: ${await ended}`)
}
