// Starts two shells with a child each, ends its own tree, and lives to tell of it.
import { spawn } from 'node:child_process'
import { killTree, listTree } from 'lastcall/process-tree'

for (let i = 0; i < 2; i++) spawn('sh', ['-c', 'sleep 60 & wait'], { detached: i === 1 })
while ((await listTree(process.pid)).length < 4);
const result = await killTree(process.pid, { graceMs: 5_000 })
console.log(JSON.stringify({ ...result, left: await listTree(process.pid) }))
