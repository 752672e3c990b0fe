// node reader.js FILE: writes what it reads to FILE; handles SIGTERM, and ends at end of file as readers do.
import { appendFileSync } from 'node:fs'

const [file] = process.argv.slice(2)
process.on('SIGTERM', () => {
  appendFileSync('events.log', `reader told SIGTERM pid ${process.pid}\n`)
  process.exit(1)
})
process.stdin.on('data', (chunk) => appendFileSync(file, chunk))
process.stdin.on('end', () => appendFileSync('events.log', `reader ended pid ${process.pid}\n`))
appendFileSync('events.log', `reader ready pid ${process.pid}\n`)
