import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { badOption, nearest } from '../../options.ts'

/** execvp's search, done beforehand, so that a typing error is known before anything starts. */
export function findProgram(program: string, env: NodeJS.ProcessEnv, cwd = '.'): void {
  const places = program.includes('/')
    ? [join(program.startsWith('/') ? '' : cwd, program)]
    : foldersOf(env).map((folder) => join(folder || '.', program))
  let denied: string | undefined
  for (const place of places) {
    if (!statSync(place, { throwIfNoEntry: false })?.isFile()) continue
    try {
      accessSync(place, constants.X_OK)
      return
    } catch {
      denied = place
    }
  }
  if (denied) throw badOption('supervise.command', 'a program that can be executed', denied, `Run chmod +x ${denied}.`)
  throw badOption('supervise.command', 'a program that exists', program, whatNow(program, env))
}

/** What whoever wrote the name of a program that is not there probably meant, and where it was looked for. */
export function whatNow(program: string, env: NodeJS.ProcessEnv): string {
  const words = program.trim().split(/\s+/)
  if (words.length > 1) return `Split the words: [${words.map((word) => JSON.stringify(word)).join(', ')}].`
  if (program.includes('/')) return 'There is no such file.'
  // Of the thousand programs of a machine one is two letters away from nearly everything.
  const near = nearest(program, foldersOf(env).flatMap(programsOf), 1)
  return `${near ? `Did you mean "${near}"? ` : ''}It is in no folder of PATH (${env.PATH ?? 'not set'}).`
}

function foldersOf(env: NodeJS.ProcessEnv): readonly string[] {
  return (env.PATH ?? '').split(delimiter)
}

function programsOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
