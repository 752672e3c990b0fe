import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { newCookie, TREE_COOKIE } from '../process-tree/cookie.ts'
import { readStat } from '../process-tree/find-linux.ts'
import { killMembers } from '../process-tree/kill.ts'
import { Members } from '../process-tree/members.ts'

export interface TreeToRun extends Pick<SpawnOptions, 'cwd' | 'env' | 'stdio'> {
  readonly program: string
  readonly args: readonly string[]
}

/**
 * Runs a program to its end, in words: undefined for code 0. Killed as a tree when `signal` aborts: a `curl` that hangs in
 * a script is a grandchild.
 */
export async function execTree(
  { program, args, env = process.env, ...options }: TreeToRun,
  signal: AbortSignal,
  started: (child: ChildProcess) => void = () => {},
): Promise<string | undefined> {
  const cookie = newCookie()
  const { spawn } = process.getBuiltinModule('node:child_process')
  const child = spawn(program, args, { ...options, detached: true, env: { ...env, [TREE_COOKIE]: cookie } })
  started(child)
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, by) => resolve(code === 0 ? undefined : by ? `ended by ${by}` : `code ${code}`))
  })
  const root = child.pid === undefined ? undefined : readStat(child.pid)
  if (!root) return ended
  const members = new Members(root, { cookie, ownGroup: true })
  let kill = (): void => {}
  const killed = new Promise<undefined>((resolve) => {
    kill = () => void killMembers(members).then(() => resolve(undefined))
  })
  if (signal.aborted) kill()
  else signal.addEventListener('abort', kill, { once: true })
  const failed = await Promise.race([ended, killed])
  signal.removeEventListener('abort', kill)
  if (signal.aborted) await killed
  return failed
}
