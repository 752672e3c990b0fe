import { findProgram } from '../../../children/plan/find-program.ts'

/**
 * Whether sh finds what the line begins with: a program, a builtin, a word of its own. Asked beforehand, since sh itself
 * says so only when the others run already. A first word that the line computes (`$PROGRAM`, `"my program"`) and an
 * assignment before it are for sh to find out.
 */
export function finds(line: string, options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): boolean {
  const word = /^\s*([\w./+-]+)(?=[\s;&|<>()]|$)/.exec(line)?.[1]
  if (word === undefined) return true
  const { cwd, env } = options
  try {
    findProgram(word, env, cwd)
    return true
  } catch {
    // A builtin, then: only sh knows which it has, and asking costs some milliseconds.
  }
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  return spawnSync('/bin/sh', ['-c', 'command -v "$0"', word], { cwd, env, stdio: 'ignore' }).status === 0
}
