import { existsSync } from 'node:fs'
import { LastcallError } from '../errors.ts'
import type { HookContext, HookFunction } from '../hooks/hook.ts'
import { execTree } from '../prestop/exec-tree.ts'
import { httpGet } from '../prestop/http-get.ts'
import { sleep } from '../prestop/sleep.ts'

const SHELL = '/bin/sh'

/** Ends early when the command has ended. */
export type PreStop = (context: HookContext, commandEnded: AbortSignal) => Promise<void>

/**
 * What `--pre-stop` says: `sleep N` and an address of http or https need no program in the image; all else is a line for
 * `/bin/sh`, its output on stderr, since stdout belongs to the command.
 * @throws {LastcallError} ERR_LASTCALL_OPTION where there is no `/bin/sh`
 */
export function preStopHandler(line: string): PreStop {
  const run = handlerOf(line)
  return async (context, commandEnded) => {
    try {
      await run({ ...context, signal: AbortSignal.any([context.signal, commandEnded]) })
    } catch (error) {
      // Cut short, since nobody is there of whom to take leave.
      if (commandEnded.aborted) return
      throw new Error(`--pre-stop: ${(error as Error).message}`, { cause: error })
    }
  }
}

function handlerOf(line: string): HookFunction {
  const seconds = /^sleep\s+(\d+(?:\.\d+)?)s?$/.exec(line.trim())?.[1]
  if (seconds !== undefined) return sleep(Number(seconds))
  if (/^https?:\/\/\S+$/.test(line.trim())) return httpGet(line.trim())
  if (!existsSync(SHELL)) {
    throw new LastcallError(
      'ERR_LASTCALL_OPTION',
      `--pre-stop runs a line in ${SHELL}, and there is none. Write --pre-stop 'sleep 5' or --pre-stop http://127.0.0.1:8080/leave: these need no shell.`,
    )
  }
  return async ({ signal }) => {
    const failed = await execTree({ program: SHELL, args: ['-c', line], stdio: ['ignore', 2, 2] }, signal)
    if (failed !== undefined) throw new Error(failed)
  }
}
