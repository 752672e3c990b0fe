// See README.md beside this file.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

process.once('SIGTERM', () => {
  console.log('migrate: rolled back')
  process.exit(143)
})
console.log('migrate: running')
await sleep(Number(process.env.MIGRATION_MS ?? 1000)) // your migration
console.log('migrate: done')
