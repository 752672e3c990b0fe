import { spawn } from 'node:child_process'
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
  if (!root) throw new Error(`--pre-stop: ${await ended}`)
  const members = new Members(root, { cookie, ownGroup: true })
  let kill = (): void => {}
  const killed = new Promise<undefined>((resolve) => {
    kill = () => void killMembers(members).then(() => resolve(undefined))
  })
  signal.addEventListener('abort', kill, { once: true })
  const failed = await Promise.race([ended, killed])
  signal.removeEventListener('abort', kill)
  if (signal.aborted) await killed
  else if (failed) throw new Error(`--pre-stop: ${failed}`)
}
