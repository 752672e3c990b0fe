import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { badOption, nearest } from '../../options.ts'

/**
 * Where execvp looks without a PATH: `/bin:/usr/bin` says glibc, and musl puts /usr/local/bin first. To find too much is
 * the smaller error: its start then fails, and says so.
 */
const WITHOUT_PATH = '/usr/local/bin:/bin:/usr/bin'

/**
 * execvp's search, done beforehand, so that a typing error is known before anything starts: in the folder and with the
 * PATH of the child, whatever ours are.
 */
export function findProgram(program: string, env: NodeJS.ProcessEnv, cwd = '.', option = 'supervise.command'): void {
  const places = program.includes('/')
    ? [program.startsWith('/') ? program : join(cwd, program)]
    : foldersOf(env, cwd).map((folder) => join(folder, program))
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
  if (denied) throw badOption(option, 'a program that can be executed', denied, `Run chmod +x ${denied}.`)
  throw badOption(option, 'a program that exists', program, whatNow(program, env, cwd))
}

/** What whoever wrote the name of a program that is not there probably meant, and where it was looked for. */
export function whatNow(program: string, env: NodeJS.ProcessEnv, cwd = '.'): string {
  const words = program.trim().split(/\s+/)
  if (words.length > 1) return `Split the words: [${words.map((word) => JSON.stringify(word)).join(', ')}].`
  if (program.includes('/')) return 'There is no such file.'
  // Of the thousand programs of a machine one is two letters away from nearly everything.
  const near = nearest(program, foldersOf(env, cwd).flatMap(programsOf), 1)
  return `${near ? `Did you mean "${near}"? ` : ''}It is in no folder of PATH (${env.PATH ?? 'not set'}).`
}

/** An empty entry is the working directory. */
function foldersOf(env: NodeJS.ProcessEnv, cwd: string): readonly string[] {
  const folders = (env.PATH ?? WITHOUT_PATH).split(delimiter)
  return folders.map((folder) => (folder.startsWith('/') ? folder : join(cwd, folder)))
}

function programsOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
