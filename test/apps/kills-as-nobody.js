// Tries to end the tree of a process, the argument, as a user who may not.
import { killTree } from 'lastcall/process-tree'

process.setgroups([])
process.setgid(65534)
process.setuid(65534)
const given = { signal: process.argv[3], graceMs: 300 }
console.log(JSON.stringify(await killTree(Number(process.argv[2]), given)))
