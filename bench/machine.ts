import { cpus, release, totalmem } from 'node:os'
import process from 'node:process'

/** The line that every figure needs beside it: the command that makes it, and what it was made on. */
export function heading(command: string): string {
  const all = cpus()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return `$ ${command}\n${all.length} × ${all[0]?.model.trim()}, ${memory}, ${process.platform} ${release()}, Node ${process.version}`
}
