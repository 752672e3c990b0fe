// A server whose event loop never turns again, with a child that would hold on as well.
import { spawn } from 'node:child_process'

spawn('sleep', ['3000'])
process.on('SIGTERM', () => process.exit(0))
console.log('ready')
setTimeout(() => {
  for (;;) {}
}, 100)
