import { execFile } from 'node:child_process'
import { LastcallError } from '../../errors.ts'
import type { TreeProcess } from '../list-tree.ts'

/** What `ps` tells about a process. */
export type PsProcess = Omit<TreeProcess, 'ppid' | 'foundBy' | 'sigterm'>

/**
 * State, start time and command line of all processes. The start time is what makes a pid an identity;
 * `ps` gives it to the second only.
 */
export async function readPs(): Promise<Map<number, PsProcess>> {
  const output = await ps(['-A', '-o', 'pid=,stat=,lstart=,command='])
  const found = new Map<number, PsProcess>()
  for (const line of output.split('\n')) {
    const match = /^\s*(\d+)\s+(\S)\S*\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d{4})\s+(.*)$/.exec(line)
    if (!match) continue
    const [, pid, state = '', lstart, command = ''] = match
    const startTime = Date.parse(`${lstart} UTC`) / 1_000
    found.set(Number(pid), { pid: Number(pid), state, startTime, command })
  }
  return found
}

/** Linux computes the start from two clocks and may be off by one second between two calls. */
export function samePsProcess(a: PsProcess | undefined, b: { readonly startTime: number }): boolean {
  return a !== undefined && Math.abs(a.startTime - b.startTime) <= 1
}

function ps(args: string[]): Promise<string> {
  // lstart is printed for people: in their language and time zone, unless told otherwise.
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
  return new Promise((resolve, reject) => {
    execFile('ps', args, { env, maxBuffer: 1 << 28 }, (error, stdout) =>
      error ? reject(psFailed(error)) : resolve(stdout),
    )
  })
}

/** `pidtree` starts ps as well, and rejects with what spawn said. */
export function psFailed(error: unknown): LastcallError {
  const { code, message } = error as NodeJS.ErrnoException
  const why = code === 'ENOENT' ? 'it is not installed. Install it (Debian: procps)' : `it failed: ${message}`
  const text = `processes are listed by the program ps on this system, and ${why}.`
  return new LastcallError('ERR_LASTCALL_PROCESS', text, { cause: error })
}
