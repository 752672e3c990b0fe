// The server of server.py, for machines without Python: half a second of cleanup in its SIGTERM handler.
import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

const events = openSync(process.env.EVENTS ?? '/dev/stderr', 'a')
// process.hrtime is CLOCK_MONOTONIC, the same for all processes of a machine.
const note = (what) => writeSync(events, `${process.hrtime.bigint()} server ${what}\n`)

process.once('SIGTERM', async () => {
  note('saw SIGTERM')
  await sleep(500)
  note('cleaned up')
  process.exit(0)
})

createServer((_, response) => response.end('hello\n')).listen(0, '127.0.0.1', () => note('ready'))
