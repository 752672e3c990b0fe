import { nodeProgram } from '../../node-program.ts'

/** Its stdin ends with us, and says nothing. Arguments: pid, when to kill it, the report file. */
const PROGRAM = `
const [pid, ms, file] = process.argv.slice(1)
const fs = require('node:fs')
process.stdin.on('end', () => process.exit()).on('error', () => process.exit()).resume()
process.stdin.setTimeout(Math.max(1, ms - process.uptime() * 1000), () => {
  try {
    if (file) fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, 'utf8')), exitCode: 137 }, null, 2) + '\\n')
  } catch {}
  try {
    process.kill(Number(pid), 'SIGKILL')
  } catch {}
  process.exit()
})`

/** Starts a process that sends us SIGKILL, should we still be there in `ms`; it ends when we do. Not against PID 1. */
export function killLater(ms: number, reportFile: string | undefined): void {
  const node = nodeProgram()
  if (process.pid === 1 || !node) return
  try {
    const { spawn } = process.getBuiltinModule('node:child_process')
    const { LD_LIBRARY_PATH } = process.env
    const { resolve } = process.getBuiltinModule('node:path')
    const args = [String(process.pid), String(ms), ...(reportFile ? [resolve(reportFile)] : [])]
    // A session of its own: what is sent to our group is not for it.
    spawn(node, ['-e', PROGRAM, ...args], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH },
    }).on('error', () => {})
  } catch {
    // Not allowed to (--permission), or too many processes.
  }
}
