import { LastcallError } from '../../errors.ts'
import { cookieOfRoot, readCookie, withinCookie } from '../cookie.ts'
import { fromProc, hasEnded, type ProcessStat, pidsNewestFirst, readStat } from '../find-linux.ts'
import { type KillResult, killMembers, killMembersSync } from '../kill.ts'
import type { KillTreeResult } from '../kill-tree.ts'
import type { TreeProcess } from '../list-tree.ts'
import { type Member, Members } from '../members.ts'
import { noSuchProcess, recycled } from '../process-id.ts'
import { bitOf, readSignalStatus } from '../stop/signal-status.ts'
import { stopTree } from '../stop/stop.ts'
import type { Platform, Root } from './platform.ts'

/** Reads /proc; no other program is needed. */
export const linux: Platform = {
  async list(root, cookie) {
    const members = membersOf(root, cookie)
    if (!members) return []
    const { living, zombies } = members.read()
    return [...living, ...zombies].sort(oldestFirst).map(describe)
  },

  async kill(root, cookie, signal, graceMs) {
    refuseInit(root)
    const members = membersOf(root, cookie)
    if (!members) return NOBODY
    if (signal === 'SIGKILL' || graceMs === 0) return killed(await killMembers(members))
    const stop = await stopTree(members, { signal, timeoutMs: graceMs })
    return {
      told: stop.told.map(({ pid, startTime, name, signal, atMs }) => ({
        pid,
        startTime,
        command: name,
        signal,
        atMs,
      })),
      ended: members.seen - stop.killed - stop.survivors.length,
      killed: stop.killed,
      survivors: stop.survivors.map(describe),
      denied: stop.denied.map(describe),
      durationMs: stop.durationMs,
    }
  },

  killSync(root, cookie, limitMs) {
    refuseInit(root)
    const members = membersOf(root, cookie)
    return members ? killed(killMembersSync(members, { limitMs })) : NOBODY
  },
}

const NOBODY: KillTreeResult = { told: [], ended: 0, killed: 0, survivors: [], denied: [], durationMs: 0 }

function killed({ killed, survivors, denied, durationMs }: KillResult): KillTreeResult {
  return { told: [], ended: 0, killed, survivors: survivors.map(describe), denied: denied.map(describe), durationMs }
}

/** Undefined: the root has ended, and nobody with its mark is left. */
function membersOf({ pid, startTime }: Root, given: string | undefined): Members | undefined {
  const stat = readStat(pid)
  if (stat && (startTime === undefined || startTime === stat.startTime)) {
    refuseThread(pid)
    return new Members(stat, { cookie: given ?? cookieOfRoot(stat), ownGroup: false })
  }
  if (given === undefined) throw stat ? recycled(pid) : noSuchProcess(pid)
  // The oldest of the marked stands for the root that has gone: what is older belongs to somebody else.
  for (let look = 0; look < LOOKS; look++) {
    const [oldest] = marked(given)
    if (oldest) return new Members(oldest, { cookie: given, ownGroup: false })
  }
  return undefined
}

/** Who forks and exits all the time may be missed by one look. */
const LOOKS = 5

function marked(cookie: string): ProcessStat[] {
  return pidsNewestFirst()
    .filter((one) => one !== process.pid && withinCookie(readCookie(one), cookie))
    .flatMap((one) => readStat(one) ?? [])
    .filter((one) => !hasEnded(one))
    .sort(oldestFirst)
}

function oldestFirst(a: ProcessStat, b: ProcessStat): number {
  return a.startTime - b.startTime || a.pid - b.pid
}

/** Everything descends from it, and the kernel shields it from its own namespace. */
function refuseInit({ pid }: Root): void {
  if (pid !== 1 || process.pid === 1) return
  throw new LastcallError('ERR_LASTCALL_PROCESS', 'PID 1 is the whole system or container. Name a process below it.')
}

/** /proc/TID opens for threads too, though they are not listed, and a signal would go to their process. */
function refuseThread(pid: number): void {
  const leader = Number(/^Tgid:\s*(\d+)/m.exec(fromProc(`/proc/${pid}/status`) ?? '')?.[1] ?? pid)
  if (leader === pid) return
  throw new LastcallError('ERR_LASTCALL_PROCESS', `${pid} is a thread of process ${leader}. Write ${leader}.`)
}

function describe(member: Member): TreeProcess {
  const { pid, startTime, ppid, state, foundBy, comm } = member
  const command = (fromProc(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim() || `[${comm}]`
  return { pid, startTime, ppid, command, state, foundBy, sigterm: stance(pid) }
}

function stance(pid: number): NonNullable<TreeProcess['sigterm']> {
  const status = readSignalStatus(pid)
  const term = bitOf('SIGTERM')
  if (!status) return 'default'
  if (status.caught & term) return 'handles'
  if (status.ignored & term) return 'ignores'
  return status.blocked & term ? 'blocks' : 'default'
}
