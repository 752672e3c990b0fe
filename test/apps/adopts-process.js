// Adopts a tree that node:child_process or execa started, in our group or one of its own; dies at SIGUSR2.
import { spawn } from 'node:child_process'
import { execa } from 'execa'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const [way, script, options = '{}', detached] = process.argv.slice(2)
const settings = { stdio: ['ignore', 'inherit', 'inherit'], detached: detached === 'detached', cleanup: false }
const child = (way === 'spawn' ? spawn : execa)('sh', ['-c', script], settings)
// execa's promise ends some turns after its process: the exit must not come first.
const closed = new Promise((resolve) => child.once('close', () => setTimeout(resolve, 100)))
shutdown.hook('closed', () => closed)
if (way === 'execa, caught') child.catch((error) => console.log(`caught ${error.signal ?? error.exitCode}`))
const adopted = shutdown.adopt('tree', child, JSON.parse(options))
process.on('SIGUSR2', () => process.kill(process.pid, 'SIGKILL'))
setInterval(() => {}, 1000)
console.log(`ready ${adopted.kind} ${child.pid}`)
