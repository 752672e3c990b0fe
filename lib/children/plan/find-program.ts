import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { badOption } from '../../options.ts'

/** execvp's search, done beforehand, so that a typing error is known before anything starts. */
export function findProgram(program: string, env: NodeJS.ProcessEnv, cwd = '.'): void {
  const places = program.includes('/')
    ? [join(program.startsWith('/') ? '' : cwd, program)]
    : (env.PATH ?? '').split(delimiter).map((dir) => join(dir || '.', program))
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
  const where = program.includes('/')
    ? 'There is no such file.'
    : `It is in no folder of PATH (${env.PATH ?? 'not set'}).`
  throw badOption('supervise.command', 'a program that exists', program, where)
}
