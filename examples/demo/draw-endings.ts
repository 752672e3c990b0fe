import type { Paint } from './paint.ts'
import type { Ending } from './stop-pod.ts'

export const LABEL = 16
export const SCALE = 60

/** The endings below one another, on one scale from SIGTERM to SIGKILL; at most 80 columns. */
export function drawEndings(endings: readonly Ending[], graceMs: number, paint: Paint): string[] {
  return [...axis(graceMs, paint), ...endings.flatMap((ending) => [bar(ending, paint), sentence(ending, paint)])]
}

export function axis(graceMs: number, paint: Paint): string[] {
  const seconds = Math.round(graceMs / 1000)
  const step = SCALE / seconds
  const numbers = Array.from({ length: seconds + 1 }, (_, i) => (i === seconds ? `${i} s` : `${i}`.padEnd(step)))
  const ticks = `├${`${'─'.repeat(step - 1)}┼`.repeat(seconds - 1)}${'─'.repeat(step - 1)}┤`
  const indent = ' '.repeat(LABEL)
  return [
    `${indent}${'SIGTERM'.padEnd(SCALE - 3)}${'SIGKILL'}`,
    paint.dim(`${indent}${numbers.join('')}`),
    paint.dim(`${indent}${ticks}`),
  ]
}

/** `░` the server runs and knows nothing, `█` it cleans up, `✔` gone in peace, `✗` killed. */
function bar(ending: Ending, paint: Paint): string {
  const { sawMs, goneMs, graceMs, nowMs, killedMs } = ending
  const column = (ms: number): number => Math.round((Math.min(ms, graceMs) / graceMs) * SCALE)
  const end = column(goneMs ?? nowMs)
  const told = sawMs === undefined ? end : Math.min(column(sawMs), end)
  const waiting = '░'.repeat(told)
  const cleaning = '█'.repeat(end - told)
  // What was still running at SIGKILL did not go by itself, whatever the order of the two looks.
  const mark = goneMs === undefined ? '' : isClean(ending) && killedMs === undefined ? paint.good('✔') : paint.bad('✗')
  const paintCleaning = goneMs !== undefined && !isClean(ending) ? paint.bad : paint.good
  return `${paint.bold(ending.command.padEnd(LABEL))}${paint.bad(waiting)}${paintCleaning(cleaning)}${mark}`
}

function sentence(ending: Ending, paint: Paint): string {
  const text = `${' '.repeat(LABEL)}${story(ending)}`
  return ending.goneMs !== undefined && isClean(ending) ? text : paint.dim(text)
}

export function isClean({ cleanedMs, killedMs }: Ending): boolean {
  return cleanedMs !== undefined && killedMs === undefined
}

/** What happened, in at most 64 letters. */
export function story(ending: Ending): string {
  const { isNamespace, handles, sawMs, cleanedMs, commandGoneMs, goneMs, killedMs, code } = ending
  const told = sawMs === undefined ? 'server never told' : `server told after ${time(sawMs)}`
  if (cleanedMs !== undefined && goneMs !== undefined && killedMs === undefined) {
    return `${told}, cleaned up, gone after ${time(goneMs)}, code ${code ?? '?'}`
  }
  if (!isNamespace && commandGoneMs !== undefined && sawMs === undefined) {
    const orphan = `shell died after ${time(commandGoneMs)}: server orphaned, never told`
    return killedMs === undefined ? orphan : `${orphan}, still up`
  }
  if (killedMs !== undefined) return `${told}${handles ? '' : ', PID 1 has no handler'}; SIGKILL, no cleanup`
  if (goneMs === undefined) return told
  return sawMs === undefined
    ? `${told}; killed with PID 1 after ${time(goneMs)}, no cleanup`
    : `told after ${time(sawMs)}, killed with PID 1 ${time(goneMs - sawMs)} into its cleanup`
}

/** `3 ms`, `0.54 s`. */
export function time(ms: number): string {
  return ms < 100 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(2)} s`
}
