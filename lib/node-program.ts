import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * A Node to start; undefined where there is none. In a single executable `process.execPath` is the app:
 * started, it would be a second copy of the service.
 */
export function nodeProgram(): string | undefined {
  // Since Node 20.12; its types know less than all lines that we run on.
  const sea = process.getBuiltinModule('node:sea') as { isSea(): boolean } | undefined
  if (sea?.isSea()) return nodeInPath()
  if (existsSync(process.execPath)) return process.execPath
  // An update has taken the file away while we run: the kernel still has it.
  return existsSync('/proc/self/exe') ? '/proc/self/exe' : nodeInPath()
}

function nodeInPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/'))
  return folders.map((folder) => join(folder, 'node')).find(isProgram)
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
