import { axis, LABEL, SCALE, time } from '../draw-endings.ts'
import type { Paint } from '../paint.ts'
import type { Loss } from './stop-under-load.ts'

/** The servers below one another, on the same scale as the pods of the first part; at most 80 columns. */
export function drawLosses(losses: readonly Loss[], graceMs: number, paint: Paint): string[] {
  return [...axis(graceMs, paint), ...losses.flatMap((loss) => [bar(loss, graceMs, paint), sentence(loss, paint)])]
}

function bar({ title, ranMs, end }: Loss, graceMs: number, paint: Paint): string {
  const isGood = !end || (end.lost === 0 && !end.wasKilled)
  const runs = '█'.repeat(Math.round((Math.min(ranMs, graceMs) / graceMs) * SCALE))
  const mark = !end ? '' : end.wasKilled ? paint.bad('✗') : paint.good('✔')
  return `${paint.bold(title.padEnd(LABEL))}${isGood ? paint.good(runs) : paint.bad(runs)}${mark}`
}

function sentence(loss: Loss, paint: Paint): string {
  const text = `${' '.repeat(LABEL)}${lossStory(loss)}`
  return loss.end?.lost === 0 ? text : paint.dim(text)
}

/** What became of the requests, in at most 64 letters. */
export function lossStory({ ranMs, end }: Loss): string {
  if (!end) return 'stopping'
  const lost = end.lost === 0 ? 'none' : end.lost.toLocaleString('en')
  const ending = end.wasKilled ? 'kept open until SIGKILL' : `gone after ${time(ranMs)}`
  return `${lost} of ${end.asked.toLocaleString('en')} requests lost; ${ending}`
}
