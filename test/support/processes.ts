import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'

/** A line of /proc/PID/stat. Tests look for themselves: lib/process-tree is what they test. */
export interface Process {
  readonly pid: number
  readonly ppid: number
  /** Process group. */
  readonly pgid: number
  /** Session. */
  readonly sid: number
  /** R, S, D, T, Z … */
  readonly state: string
  readonly comm: string
  /** In ticks since boot: with it a recycled pid is another process. */
  readonly startTime: number
}

export function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(Number(pid)) ?? [])
}

export function readProcess(pid: number): Process | undefined {
  const stat = readProc(pid, 'stat')
  if (stat === undefined) return undefined
  // The name is in parentheses and may hold spaces and parentheses itself: the last one ends it.
  const nameEnd = stat.lastIndexOf(')')
  const [state = '?', ppid, pgid, sid, ...rest] = stat.slice(nameEnd + 2).split(' ')
  return {
    pid,
    ppid: Number(ppid),
    pgid: Number(pgid),
    sid: Number(sid),
    state,
    comm: stat.slice(stat.indexOf('(') + 1, nameEnd),
    startTime: Number(rest[15]),
  }
}

/** Runs, sleeps or is stopped; a zombie is not alive, and neither is another process with its pid. */
export function alive(who: number | Process): boolean {
  const now = readProcess(typeof who === 'number' ? who : who.pid)
  if (!now || isDead(now)) return false
  return typeof who === 'number' || now.startTime === who.startTime
}

export function isDead(found: Process): boolean {
  return found.state === 'Z' || found.state === 'X'
}

/** A process and all that descend from it by parent pid, parents first. */
export function tree(root: number, all = processes()): Process[] {
  const found = all.filter((p) => p.pid === root)
  for (const parent of found) found.push(...all.filter((p) => p.ppid === parent.pid && !found.includes(p)))
  return found
}

export function children(pid: number): Process[] {
  return processes().filter((p) => p.ppid === pid)
}

export function zombies(parent: number): Process[] {
  return children(parent).filter(isDead)
}

export function group(pgid: number): Process[] {
  return processes().filter((p) => p.pgid === pgid && !isDead(p))
}

/** Those whose environment at their start held `NAME=value`, or a `value/…` that a nested one put under it. */
export function marked(name: string, value: string): Process[] {
  return processes().filter((p) => {
    const found = environment(p.pid)[name]
    return !isDead(p) && (found === value || found?.startsWith(`${value}/`))
  })
}

/** As it was when the program started; empty where it may not be read. */
export function environment(pid: number): Record<string, string> {
  const lines = readProc(pid, 'environ')?.split('\0') ?? []
  return Object.fromEntries(lines.map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]))
}

export function commandLine(pid: number): string {
  return readProc(pid, 'cmdline')?.split('\0').join(' ').trim() ?? ''
}

/** SIGKILL to each that is still the process it was. */
export function kill(which: readonly Process[]): void {
  for (const one of which) {
    if (!alive(one)) continue
    try {
      process.kill(one.pid, 'SIGKILL')
    } catch {
      // It ended in between.
    }
  }
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return undefined
  }
}
