// Leaves nobody behind: an exit listener can only be synchronous.
import { spawn } from 'node:child_process'
import { killTreeSync, listTree } from 'lastcall/process-tree'

spawn('sh', ['-c', 'sleep 60 & wait'], { detached: true })
while ((await listTree(process.pid)).length < 2);
process.on('exit', () => console.log(JSON.stringify(killTreeSync(process.pid))))
process.exit()
