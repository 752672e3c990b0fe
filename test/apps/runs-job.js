// What the workers under test do with a job { id, ms }: `start` or `late`, then `done`, or `cut` at the cutoff.
import { setTimeout as sleep } from 'node:timers/promises'

export async function runJob(shutdown, note, { id, ms }) {
  await note(shutdown.stopping.aborted ? 'late' : 'start', id)
  try {
    await sleep(ms, undefined, { signal: shutdown.cutoff })
  } catch {
    await note('cut', id)
    throw new Error('cut')
  }
  await note('done', id)
}
