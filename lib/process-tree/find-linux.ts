import { readdirSync, readFileSync } from 'node:fs'
import type { ProcessId } from './process-id.ts'

/** One process as /proc/PID/stat shows it. */
export interface ProcessStat extends ProcessId {
  /** The first 15 bytes of the executable's name, or what the process calls itself. */
  readonly comm: string
  /** R running, S asleep, D uninterruptible, T stopped, t traced, Z zombie, X dead. */
  readonly state: string
  readonly ppid: number
  readonly pgid: number
  readonly sid: number
  /** The foreground group of its terminal; -1 without one. */
  readonly tpgid: number
  readonly threads: number
  /** Bytes of address space: 0 for a kernel thread and for a zombie, which have no environment either. */
  readonly memory: number
}

/** A file of /proc; undefined where the process has gone or may not be read. */
export function fromProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // ENOENT; ESRCH when it ends between open and read; EACCES and EPERM for other users' environ.
    return undefined
  }
}

export function readStat(pid: number): ProcessStat | undefined {
  const text = fromProc(`/proc/${pid}/stat`)
  // comm is free text and may hold spaces and brackets; what follows the last bracket holds neither.
  const open = text?.indexOf('(') ?? -1
  const close = text?.lastIndexOf(')') ?? -1
  if (text === undefined || open < 0 || close < open) return undefined
  const field = text.slice(close + 2).split(' ')
  return {
    pid,
    startTime: Number(field[19]),
    comm: text.slice(open + 1, close),
    state: field[0] as string,
    ppid: Number(field[1]),
    pgid: Number(field[2]),
    sid: Number(field[3]),
    tpgid: Number(field[5]),
    threads: Number(field[17]),
    memory: Number(field[20]),
  }
}

/**
 * Ended, whether or not somebody has waited for it. A process whose main thread has ended while others run shows Z as
 * well, and is alive.
 */
export function hasEnded(stat: ProcessStat): boolean {
  return stat.state === 'X' || (stat.state === 'Z' && stat.threads <= 1)
}

/** Is this very process alive, and not another one with its pid? */
export function isAlive(id: ProcessId): boolean {
  const stat = readStat(id.pid)
  return stat !== undefined && stat.startTime === id.startTime && !hasEnded(stat)
}

/**
 * All pids, the newest first. A process that forks and exits all the time is found only if it is read at once; the
 * highest pid is the newest one until the numbers wrap, so the list begins at the last pid that was given out.
 */
export function pidsNewestFirst(): number[] {
  const pids: number[] = []
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (pid > 0) pids.push(pid)
  }
  pids.sort((a, b) => b - a)
  // The fifth word of /proc/loadavg: the last pid given out in our namespace.
  const last = Number(fromProc('/proc/loadavg')?.trim().split(' ')[4])
  const wrapped = pids.findIndex((pid) => pid <= last)
  return wrapped > 0 ? [...pids.slice(wrapped), ...pids.slice(0, wrapped)] : pids
}

/** Every process, the newest first, each read when it is asked for; undefined for one that has ended in between. */
export function* statsNewestFirst(): Generator<ProcessStat | undefined> {
  for (const pid of pidsNewestFirst()) yield readStat(pid)
}
