import type { KillTreeResult } from '../kill-tree.ts'
import type { TreeProcess } from '../list-tree.ts'
import { linux } from './linux.ts'
import { unix } from './unix.ts'
import { windows } from './windows.ts'

/** The root as the caller named it: with a start time it must still be that process. */
export interface Root {
  readonly pid: number
  readonly startTime: number | undefined
}

/** What each system does its own way. The options have been checked. */
export interface Platform {
  list(root: Root, cookie: string | undefined): Promise<TreeProcess[]>
  kill(root: Root, cookie: string | undefined, signal: NodeJS.Signals, graceMs: number): Promise<KillTreeResult>
  killSync(root: Root, cookie: string | undefined, limitMs: number): KillTreeResult
}

/** The only place that asks which system this is. */
export function thisPlatform(): Platform {
  if (process.platform === 'linux') return linux
  return process.platform === 'win32' ? windows : unix
}
