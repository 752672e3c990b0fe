// node examples/11-kill-a-tree.js
// Watch: the daemon left its parent, its group and its session; a mark in its environment finds it, and nobody is left.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { killTree, listTree, newCookie, TREE_COOKIE } from 'lastcall/process-tree'

const script = '(setsid sleep 1000 &) ; echo ready ; sleep 1000 ; true'
const child = spawn('sh', ['-c', script], {
  env: { ...process.env, [TREE_COOKIE]: newCookie() },
  stdio: ['ignore', 'pipe', 'inherit'],
})
await once(child.stdout, 'data')

for (const { pid, command, foundBy, sigterm } of await listTree(child.pid)) {
  console.log(`${pid} ${command}: found by ${foundBy}, SIGTERM: ${sigterm}`)
}
const { ended, killed, survivors } = await killTree(child.pid, { graceMs: 2000 })
console.log(`${ended} ended, ${killed} killed, ${survivors.length} left`)
