// Stops the tree of another process, in a process of its own: as another user, or to end in the middle of it.
import { readStat } from '../../lib/process-tree/find-linux.ts'
import { Members } from '../../lib/process-tree/members.ts'
import type { ProcessId } from '../../lib/process-tree/process-id.ts'
import { stopTree } from '../../lib/process-tree/stop/stop.ts'

/** The root's pid, its cookie, the limit, and what to do when the process with the last pid stands still: exit or throw. */
const [pid, cookie, timeoutMs, end, standing] = process.argv.slice(2)

if (end) {
  const watch = setInterval(() => {
    if (readStat(Number(standing))?.state !== 'T') return
    clearInterval(watch)
    if (end === 'exit') process.exit(0)
    throw new Error('in the middle of a hold')
  }, 1)
}
const members = new Members(readStat(Number(pid)) as ProcessId, { cookie, ownGroup: true })
members.scan()
console.log('ready')
const result = await stopTree(members, { signal: 'SIGTERM', timeoutMs: Number(timeoutMs) })
console.log(JSON.stringify(result))
