import { inWorkerThread } from '../children/adopt/thread-channel.ts'
import { readStat } from '../process-tree/find-linux.ts'
import { Orphans } from '../process-tree/reap/orphans.ts'

/** As PID 1 the orphans of the whole container are ours; undefined elsewhere. */
export function reapOrphans(stopping: AbortSignal): Orphans | undefined {
  if (process.pid !== 1 || inWorkerThread() || !readStat(1)) return undefined
  const orphans = new Orphans({ warn: (zombies) => process.emitWarning(warning(zombies), 'LastcallWarning') })
  // The report counts those of this moment, too.
  stopping.addEventListener('abort', () => orphans.look(), { once: true })
  return orphans
}

function warning(zombies: number): string {
  const [who, stay] = zombies === 1 ? ['process', 'stays'] : ['processes', 'stay']
  return (
    `${zombies} orphaned ${who} ended and ${stay} in the process table: we are PID 1, and Node waits for its own ` +
    'children only. In the Dockerfile, RUN apt-get update && apt-get install -y tini, and ' +
    'ENTRYPOINT ["tini", "--", …] before your command; or docker run --init; or npm install koffi. ' +
    'On Node 22.15 and newer lastcall run does it by itself.'
  )
}
