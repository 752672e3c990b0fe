import { childFindings } from '../children/child-findings.ts'
import { type ChildEnd, exitCodeOf, KILLED } from '../children/life/child-end.ts'
import { reserveMs } from '../clock/deadline.ts'
import type { Findings } from '../hooks/findings.ts'
import type { HookContext } from '../hooks/hook.ts'
import type { Reason } from '../hooks/reason.ts'
import { killMembers } from '../process-tree/kill.ts'
import type { Member, Members } from '../process-tree/members.ts'
import { stopTree } from '../process-tree/stop/stop.ts'
import type { NamedProcess, StopResult, Told } from '../process-tree/stop/stop-result.ts'
import { performance } from '../real-time.ts'
import type { OwnNamespace } from './init/own-namespace.ts'
import { sayNow } from './say.ts'
import { stopFaults } from './stop-faults.ts'
import { isFromTerminal } from './terminal.ts'

export interface StopSetup {
  readonly name: string
  readonly pid: number
  readonly end: Promise<ChildEnd>
  readonly members: Members
  readonly stopSignal: NodeJS.Signals
  readonly stepOver: readonly string[]
  /** The foreground group that the command shares with us. */
  readonly terminal: number | undefined
  readonly namespace: OwnNamespace | undefined
  /** When the shutdown began, on the monotonic clock. */
  readonly begun: Promise<number>
  /** Tells a lastcall in the command when SIGKILL comes. */
  readonly announce: (leftMs: number) => void
}

/** The end of the command's tree as one part of the shutdown, and what it found. */
export class StopCommand {
  readonly #setup: StopSetup
  #end: ChildEnd | undefined
  #result: StopResult | undefined
  readonly #told: Told[] = []
  #kill: AbortSignal | undefined
  #startedMs = 0
  #done: Promise<void> | undefined

  constructor(setup: StopSetup) {
    this.#setup = setup
    void setup.end.then((end) => {
      this.#end = end
    })
  }

  /** How the command ended; undefined while it lives. */
  get end(): ChildEnd | undefined {
    return this.#end
  }

  /** What `run` ends with: 137 for a command that is still there, since SIGKILL was the last it got. */
  get exitCode(): number {
    return this.#end ? exitCodeOf(this.#end) : 137
  }

  /** Stops everybody, also when the command has ended by itself: what it left behind is not for the container to keep. */
  run(context: HookContext): Promise<void> {
    this.#done = this.#stop(context)
    return this.#done
  }

  /**
   * Nobody may outlive us, also where the hook's time was over before a loaded machine had killed everybody, or where a
   * second signal came before its turn.
   */
  async leaveNobody(): Promise<void> {
    if (this.#done) await this.#done
    else await killMembers(this.#setup.members)
  }

  async #stop({ signal, reason, remainingMs }: HookContext): Promise<void> {
    const { members, stepOver, terminal, namespace, end, begun, announce } = this.#setup
    this.#kill = signal
    this.#startedMs = performance.now() - (await begun)
    const timeoutMs = remainingMs()
    announce(timeoutMs)
    this.#result = await stopTree(members, {
      signal: this.#signalFor(reason),
      timeoutMs,
      // A lastcall in it has the first half of its reserve to report and to exit; then we see to its children.
      reserveMs: reserveMs(timeoutMs) / 2,
      stepOver,
      kill: signal,
      onTold: (one) => this.#told.push(one),
      onDeaf: (deaf) => this.#warn(deaf, signal, remainingMs()),
      ...(terminal !== undefined &&
        isFromTerminal(reason.signal, namespace) && { alreadyTold: (member: Member) => member.pgid === terminal }),
    })
    // libuv may learn of the end a moment after /proc shows it; one that survived never ends.
    if (this.#result.survivors.length === 0) await end
  }

  findings(): Findings {
    const { name, pid } = this.#setup
    const result = this.#result
    const init = this.#setup.namespace?.init
    const orphans = init && { orphans: { reapedBy: init } }
    if (!this.#done) return { exitCode: this.exitCode, ...orphans }
    // Where the time is over before the tree has gone, the report is written in the middle of the stop.
    const end = this.#end ?? (this.#kill?.aborted ? KILLED : undefined)
    const findings = childFindings({ name, pid, end }, result ?? { told: this.#told }, this.#startedMs)
    return { ...findings, exitCode: this.exitCode, faults: result ? stopFaults(result) : [], ...orphans }
  }

  /** Named before it is killed: whoever watches the log of a slow stop learns what it waits for. */
  #warn({ pid, name }: NamedProcess, kill: AbortSignal, remainingMs: number): void {
    if (kill.aborted) return
    sayNow(`lastcall run: ${name} (pid ${pid}) ignores the signal, SIGKILL in ${(remainingMs / 1000).toFixed(1)} s\n`)
  }

  /** The reason's own signal: SIGINT means "a person wants it", and programs tell it from SIGTERM. */
  #signalFor({ kind, signal }: Reason): NodeJS.Signals {
    return kind === 'signal' && signal && signal !== 'SIGTERM' ? signal : this.#setup.stopSignal
  }
}
