import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { handlesSigterm, lives, type Member, member, membersOf } from './members.ts'
import type { Place } from './places.ts'

/** How one pod ended: times in milliseconds since SIGTERM. What has not happened is undefined. */
export interface Ending {
  readonly command: string
  readonly isNamespace: boolean
  /** Whether the command itself, PID 1 of the pod, handles SIGTERM. */
  readonly handles: boolean
  readonly graceMs: number
  /** Until now; grows while the pod ends. */
  readonly nowMs: number
  /** The server's handler ran; its cleanup was complete. */
  readonly sawMs?: number
  readonly cleanedMs?: number
  /** The command ended; the last process of the pod ended. */
  readonly commandGoneMs?: number
  readonly goneMs?: number
  /** The grace period was over, and somebody was left to SIGKILL. */
  readonly killedMs?: number
  readonly code?: number | null
}

export interface Pod {
  /** Resolves when the server serves. */
  readonly ready: Promise<unknown>
  /** Plays the kubelet: SIGTERM to PID 1, and after the grace period SIGKILL. */
  stop(graceMs: number, look?: (ending: Ending) => void): Promise<Ending>
  /** Ends what is left of it, at once. */
  dispose(): void
}

const LIMIT_MS = 30_000

/** Starts a command that runs the demo's server. */
export function startPod(place: Place, title: string, command: readonly string[], env = {}): Pod {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-demo-'))
  const eventsFile = join(folder, 'events')
  writeFileSync(eventsFile, '')
  const { child, pidOne } = place.start(command, { ...env, EVENTS: eventsFile, NODE: process.execPath }, folder)
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve).once('error', () => resolve(null)))
  const events = (): Map<string, bigint> => readEvents(eventsFile)

  const ready = async (): Promise<Member> => {
    await until(() => events().has('ready'), `${title} says that its server is ready`, child)
    return (await until(() => memberOf(pidOne()), `${title} has a PID 1`, child)) as Member
  }
  const root = ready()
  return {
    ready: root,
    stop: async (graceMs, look) => stop({ root: await root, members: membersOf(eventsFile), graceMs, look }),
    dispose: () => {
      for (const { pid } of membersOf(eventsFile)) kill(pid)
      rmSync(folder, { recursive: true, force: true })
    },
  }

  async function stop(what: {
    root: Member
    members: Member[]
    graceMs: number
    look: Look | undefined
  }): Promise<Ending> {
    const { root, members, graceMs, look } = what
    const handles = handlesSigterm(root.pid)
    const at = process.hrtime.bigint()
    process.kill(root.pid, 'SIGTERM')
    let ending: Ending = { command: title, isNamespace: place.isNamespace, handles, graceMs, nowMs: 0 }
    while (ending.goneMs === undefined) {
      await sleep(5)
      const nowMs = ms(process.hrtime.bigint() - at)
      const seen = events()
      ending = {
        ...ending,
        nowMs,
        ...since('sawMs', at, seen.get('saw SIGTERM')),
        ...since('cleanedMs', at, seen.get('cleaned up')),
        ...(ending.commandGoneMs === undefined && !lives(root) && { commandGoneMs: nowMs }),
        ...(!members.some(lives) && { goneMs: nowMs }),
      }
      if (nowMs >= graceMs && ending.killedMs === undefined && ending.goneMs === undefined) {
        // A runtime kills everybody in the container; as PID 1 goes, the kernel does it for us.
        for (const { pid } of place.isNamespace ? [root] : members.filter(lives)) kill(pid)
        ending = { ...ending, killedMs: nowMs }
      }
      look?.(ending)
    }
    ending = { ...ending, code: await ended }
    look?.(ending)
    return ending
  }
}

type Look = (ending: Ending) => void

/** Lines of `NANOSECONDS server WHAT`, on CLOCK_MONOTONIC. */
function readEvents(file: string): Map<string, bigint> {
  const lines = readFileSync(file, 'utf8').matchAll(/^(\d+) server (.+)$/gm)
  return new Map([...lines].map(([, at = '0', what = '']) => [what, BigInt(at)]))
}

function since<K extends string>(key: K, from: bigint, at: bigint | undefined): { [_ in K]?: number } {
  return at === undefined ? {} : ({ [key]: ms(at - from) } as { [_ in K]: number })
}

function ms(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6
}

function memberOf(pid: number | undefined): Member | undefined {
  return pid === undefined ? undefined : member(pid)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}

async function until<T>(look: () => T, what: string, child: { exitCode: number | null }): Promise<T> {
  for (let waited = 0; waited < LIMIT_MS; waited += 10) {
    const seen = look()
    if (seen) return seen
    if (child.exitCode !== null) throw new Error(`never came: ${what}. It ended with code ${child.exitCode}.`)
    await sleep(10)
  }
  throw new Error(`never came: ${what}`)
}
