import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { prefixed, readOutput } from '../children/life/output.ts'
import { findProgram } from '../children/plan/find-program.ts'
import type { HookFunction } from '../hooks/hook.ts'
import { badOption, checkKeys } from '../options.ts'
import { sleep } from '../real-time.ts'
import { execTree } from './exec-tree.ts'

/** The options of `exec`; none has to be given. */
export interface ExecOptions {
  /**
   * The folder that the command runs in.
   * @default ours
   */
  readonly cwd?: string
  /**
   * Its environment, in place of ours.
   * @default process.env
   */
  readonly env?: NodeJS.ProcessEnv
  /**
   * What stands before each line of its output.
   * @default the program's name
   */
  readonly name?: string
}

/** What its output may lag behind its end. Who went on into the background may hold it open for ever. */
const LAST_LINES_MS = 250

/**
 * Runs a command to its end, as `preStop.exec` of a pod does: a program and its arguments, no shell, or with a string a line
 * for `/bin/sh`. Its output goes line by line to ours, which the kubelet drops; a code other than 0 is a failure. At the
 * hook's limit it is killed with all that it started.
 * @throws {LastcallError} ERR_LASTCALL_OPTION when there is no such program, at the call and not in the last seconds
 * @example
 * import { createShutdown } from 'lastcall'
 * import { exec } from 'lastcall/prestop'
 *
 * createShutdown().preStop('leave', exec('printf "taking leave\n"'))
 */
export function exec(command: readonly string[] | string, options: ExecOptions = {}): HookFunction {
  const words = checkCommand(command)
  checkKeys('exec', options, ['cwd', 'env', 'name'])
  const { cwd, env, name = nameOf(typeof command === 'string' ? command.trim().split(/\s+/) : words) } = options
  if (cwd !== undefined && typeof cwd !== 'string') throw badOption('exec.cwd', 'a path', cwd, "Write '/srv'.")
  if (typeof name !== 'string') throw badOption('exec.name', 'a word', name, "Write 'leave'.")
  if (env !== undefined) checkKeys('exec.env', env, Object.keys(Object(env)))
  const [program = '', ...args] = words
  findProgram(program, env ?? process.env, cwd, 'exec')
  const print = prefixed(name)
  return async ({ signal }) => {
    let output: Promise<unknown> = Promise.resolve()
    let pipes: ChildProcess['stdout'][] = []
    const read = (child: ChildProcess): void => {
      output = readOutput(child, [print])
      pipes = [child.stdout, child.stderr]
    }
    const run = { program, args, cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] as const }
    const failed = await execTree({ ...run, stdio: [...run.stdio] }, signal, read)
    await Promise.race([output, sleep(LAST_LINES_MS, undefined, { ref: false })])
    // A daemon that it left behind writes to them still: it is read, and holds nothing.
    for (const pipe of pipes) (pipe as Socket | null)?.unref()
    if (failed !== undefined) throw new Error(`${name}: ${failed}`)
  }
}

function checkCommand(command: unknown): readonly string[] {
  const isLine = typeof command === 'string' && command.trim() !== ''
  if (isLine) return ['/bin/sh', '-c', command]
  const isList = Array.isArray(command) && command.length > 0 && command.every((word) => typeof word === 'string')
  if (isList && command[0] !== '') return command
  throw badOption(
    'exec',
    'a program with its arguments, or a line for /bin/sh',
    command,
    "Write exec(['consul', 'leave']).",
  )
}

function nameOf([program = '']: readonly string[]): string {
  return program.slice(program.lastIndexOf('/') + 1)
}
