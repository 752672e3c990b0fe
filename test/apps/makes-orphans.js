// Leaves 200 orphans to PID 1, and starts 100 children; all of them end while its event loop is blocked. Says how many
// of the children ended with the code of their own, and then how many orphans it has made.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const codes = Array.from({ length: 100 }, (_, i) => i)
const shells = codes.slice(0, 10).map(() => spawn('sh', ['-c', 'for i in 1 2 3 4; do (: & : & : & : & : &); done']))
const own = codes.map((code) => spawn('sh', ['-c', `exit ${code}`]))
const ends = [...shells, ...own].map((child) => once(child, 'exit'))
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_500)
const right = (await Promise.all(ends)).slice(shells.length).filter(([code], i) => code === i)
setInterval(() => {}, 1000)
console.log(`ready: ${right.length} own exits`)
