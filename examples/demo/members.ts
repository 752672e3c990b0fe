import { readdirSync, readFileSync } from 'node:fs'

/** A process that the demo watches from outside. With its start time a recycled pid is another process. */
export interface Member {
  readonly pid: number
  readonly startTime: string
}

/** Everybody who inherited `EVENTS=file`, in whatever namespace: one scan, since it reads every process's environment. */
export function membersOf(eventsFile: string): Member[] {
  return pids()
    .filter((pid) => read(`/proc/${pid}/environ`)?.split('\0').includes(`EVENTS=${eventsFile}`))
    .flatMap((pid) => member(pid) ?? [])
}

/** /proc/PID/task/PID/children would say it at once, but not every kernel is built with it. */
export function childOf(parent: number | undefined): number | undefined {
  return pids().find((pid) => statFields(pid)?.[1] === String(parent))
}

function pids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

export function member(pid: number): Member | undefined {
  const startTime = statFields(pid)?.[19]
  return startTime === undefined ? undefined : { pid, startTime }
}

/** A zombie has ended: only its exit code is left. */
export function lives({ pid, startTime }: Member): boolean {
  const fields = statFields(pid)
  return fields !== undefined && fields[0] !== 'Z' && fields[0] !== 'X' && fields[19] === startTime
}

/** Whether a process has a handler for SIGTERM, or fetches it by itself: bit 14 of SigCgt or SigBlk. */
export function handlesSigterm(pid: number): boolean {
  const status = read(`/proc/${pid}/status`) ?? ''
  const masks = [...status.matchAll(/^Sig(?:Cgt|Blk):\s*(\w+)$/gm)].map(([, mask]) => BigInt(`0x${mask}`))
  return masks.some((mask) => (mask & (1n << 14n)) !== 0n)
}

/** The fields of /proc/PID/stat after the name, which may itself hold spaces and parentheses. */
function statFields(pid: number): string[] | undefined {
  const stat = read(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
