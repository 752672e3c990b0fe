import { readEnvironment } from '../../process-tree/cookie.ts'
import { readStat } from '../../process-tree/find-linux.ts'
import type { ProcessId } from '../../process-tree/process-id.ts'
import { INITS, type InitName } from './inits.ts'

/** Set for one start only, and taken off before anybody could inherit it: `NAME:START`, the init and PID 1's start time. */
export const INIT_MARK = 'LASTCALL_INIT'

/** The PID namespace is ours: everybody in it is there because of us, and ends with us. */
export interface OwnNamespace {
  readonly pidOne: ProcessId
  /** What we put above us; undefined where we are PID 1 ourselves. */
  readonly init: InitName | undefined
}

export function initMark(name: InitName | '', { startTime }: ProcessId): string {
  return `${name}:${startTime}`
}

/**
 * Ours as PID 1, or as the child of the init that we have become. Not ours with another PID 1: that of a pod with
 * `shareProcessNamespace`, or a machine's. Called once: it takes the mark off.
 */
export function ownNamespace(): OwnNamespace | undefined {
  const mark = process.env[INIT_MARK]
  delete process.env[INIT_MARK]
  const pidOne = readStat(1)
  if (!pidOne) return undefined
  if (process.pid === 1) return { pidOne, init: undefined }
  const init = INITS.find((name) => mark === initMark(name, pidOne))
  // A mark that got into somebody's environment says nothing: our parent has to be that very PID 1.
  if (!init || process.ppid !== 1) return undefined
  if (init === 'sh') restoreEnvironment()
  return { pidOne, init }
}

/**
 * Shells change what they hand on: dash drops variables like `my.setting`, which Kubernetes allows, bash adds some. What
 * PID 1 was started with is what we had.
 */
function restoreEnvironment(): void {
  const text = readEnvironment(1)
  if (!text) return
  const before = new Map<string, string>()
  for (const assignment of text.split('\0')) {
    const equals = assignment.indexOf('=')
    if (equals > 0) before.set(assignment.slice(0, equals), assignment.slice(equals + 1))
  }
  before.delete(INIT_MARK)
  for (const name of Object.keys(process.env)) if (!before.has(name)) delete process.env[name]
  for (const [name, value] of before) if (process.env[name] !== value) process.env[name] = value
}
