// No lastcall: starts another program by plain spawn, with a pipe of its own as descriptor 3, and closes that at once.
import { spawn } from 'node:child_process'

const child = spawn(process.execPath, process.argv.slice(2), { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] })
child.stdio[3].destroy()
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code) => process.exit(code ?? 1))
