import type { ChildProcess, SpawnOptions } from 'node:child_process'
import type { Socket } from 'node:net'
import { debugLog } from '../../debug-log.ts'
import { nodeProgram } from '../../node-program.ts'
import { printOnStderr } from '../../on-stderr.ts'
import { newCookie, TREE_COOKIE } from '../../process-tree/cookie.ts'
import { GUARD_MARK } from '../../process-tree/owned/guards.ts'
import { clearTimeout, performance, setTimeout } from '../../real-time.ts'
import { GUARD_SOURCE } from './guard-source.ts'

const debug = debugLog('guard')

/** It listens after 80 ms; what has not said so after this time is no guard, whatever it is. */
const HEARD_MS = 10_000

/** One that lived so long owes nothing to the one before. */
const STEADY_MS = 10_000

const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 30_000

/** After so many in a row that did not last, the operator is told. */
const MOST_FAILURES = 5

/** What the life of the guard needs of who talks to it. */
export interface GuardHost {
  /** Is there anybody to guard? */
  readonly isNeeded: () => boolean
  /** One has been started by itself, and knows nothing yet. */
  readonly began: () => void
}

/**
 * The guard as a process: started, heard of, started again when it ends. One that does not last is followed by the next
 * after a delay that doubles; a program that never listens is no guard, and is given up.
 */
export class GuardLife {
  readonly #host: GuardHost
  #process: ChildProcess | undefined
  #pipe: Socket | undefined
  #retry: NodeJS.Timeout | undefined
  #failures = 0
  #isGivenUp = false
  #isToldOf = false

  constructor(host: GuardHost) {
    this.#host = host
  }

  /** Whether there is a guard, or will be one. */
  get exists(): boolean {
    return !this.#isGivenUp && nodeProgram() !== undefined
  }

  start(): void {
    if (this.#process || this.#retry || this.#isGivenUp) return
    // The program that we have started is no guard but the service again, which starts a guard: here that ends.
    if (process.env[GUARD_MARK] !== undefined) process.exit(1)
    this.#launch()
  }

  write(text: string): void {
    this.#pipe?.write(text)
  }

  stop(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#pipe?.end()
    this.#pipe = undefined
    this.#process = undefined
  }

  #launch(): void {
    const program = nodeProgram()
    if (program === undefined) {
      this.#isGivenUp = true
      this.#tell('a single executable is no node, and PATH has none')
      return
    }
    const startedAt = performance.now()
    let guard: ChildProcess
    try {
      guard = spawnGuard(program)
    } catch (error) {
      this.#failed((error as Error).message)
      return
    }
    this.#process = guard
    // With no descriptor left, spawn returns a child without streams and tells the error a moment later.
    this.#pipe = guard.stdio?.[3] as Socket | undefined
    let isHeard = false
    let isSilent = false
    const unheard = setTimeout(() => {
      isSilent = true
      guard.kill('SIGKILL')
    }, HEARD_MS).unref()
    ;(guard.stdio?.[4] as Socket | undefined)?.once('data', () => {
      isHeard = true
      clearTimeout(unheard)
    })
    const gone = (how: string, isNone: boolean): void => {
      clearTimeout(unheard)
      if (this.#process !== guard) return
      debug('the guard has gone: %s', how)
      this.#process = undefined
      this.#pipe = undefined
      if (isHeard && performance.now() - startedAt >= STEADY_MS) this.#failures = 0
      this.#failed(how, isNone)
    }
    guard.once('error', (error) => gone(error.message, false))
    guard.once('exit', (code, signal) => {
      // Whom somebody else has killed may have been one.
      const isNone = !isHeard && (isSilent || signal === null)
      gone(isSilent ? `it did not listen within ${HEARD_MS} ms` : `it ended with ${signal ?? `code ${code}`}`, isNone)
    })
  }

  /** `isNone`: the program is no guard. One that could not even be started may be, once there is room. */
  #failed(how: string, isNone = false): void {
    if (++this.#failures >= MOST_FAILURES) {
      this.#tell(how)
      this.#isGivenUp ||= isNone
    }
    if (this.#isGivenUp || !this.#host.isNeeded()) return
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (this.#failures - 1), LONGEST_DELAY_MS)
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      if (!this.#host.isNeeded()) return
      this.#launch()
      this.#host.began()
    }, delayMs).unref()
  }

  #tell(why: string): void {
    if (this.#isToldOf) return
    this.#isToldOf = true
    printOnStderr(
      `lastcall: no guard could be started (${why}): should SIGKILL end this process, its children may stay behind. ` +
        'Put a node into PATH, or set guard: false.\n',
    )
  }
}

function spawnGuard(program: string): ChildProcess {
  const { spawn } = process.getBuiltinModule('node:child_process')
  // The program comes by its standard input: as an argument, `ps` would show all of it. No environment: no mark of a
  // tree above, no NODE_OPTIONS whose preload would run in it; but a mark that says whose it is, so that a lastcall
  // above leaves it to us.
  const guard = spawn(program, ['--input-type=commonjs', '-'], {
    detached: true,
    env: { [TREE_COOKIE]: newCookie(''), [GUARD_MARK]: '1' },
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore', 'pipe', 'pipe'],
  } satisfies SpawnOptions)
  for (const pipe of (guard.stdio ?? []) as readonly (Socket | null)[]) {
    pipe?.on('error', () => {})
    pipe?.unref()
  }
  guard.unref()
  guard.stdin?.end(GUARD_SOURCE)
  return guard
}
