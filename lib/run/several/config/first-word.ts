import { findProgram } from '../../../children/plan/find-program.ts'

/**
 * The word that the line begins with, where sh does not find it: a program, a builtin, a word of its own. Asked
 * beforehand, since sh itself says so only when the others run already. A first word that the line computes (`$PROGRAM`,
 * `"my program"`), a function that it defines, and an assignment before it are for sh to find out.
 */
export function missingWord(
  line: string,
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): string | undefined {
  const word = /^\s*([\w./+-]+)(?=[\s;&|<>)]|$)(?!\s*\()/.exec(line)?.[1]
  if (word === undefined) return undefined
  const { cwd, env } = options
  try {
    findProgram(word, env, cwd)
    return undefined
  } catch {
    // A builtin, then: only sh knows which it has, and asking costs some milliseconds.
  }
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const { status, error } = spawnSync('/bin/sh', ['-c', 'command -v "$0"', word], { cwd, env, stdio: 'ignore' })
  // In a folder that is not there sh cannot even be asked.
  return error || status === 0 ? undefined : word
}
