import { basename } from 'node:path'
import { DeadlineLine } from '../children/cascade/deadline-line.ts'
import type { ChildEnd } from '../children/life/child-end.ts'
import { DEADLINE_VARIABLE } from '../clock/deadline-record.ts'
import { LastcallError } from '../errors.ts'
import { newCookie, TREE_COOKIE } from '../process-tree/cookie.ts'
import { readStat } from '../process-tree/find-linux.ts'
import { Members } from '../process-tree/members.ts'
import type { ProcessId } from '../process-tree/process-id.ts'
import { performance } from '../real-time.ts'
import type { Report } from '../report/report.ts'
import { partsOf } from '../wiring/parts.ts'
import { commandEnd, endText } from './command-end.ts'
import type { OwnNamespace } from './init/own-namespace.ts'
import { passSignals } from './pass-signals.ts'
import { preStopHandler } from './pre-stop.ts'
import { rememberMembers } from './remember-members.ts'
import { runShutdown } from './run-shutdown.ts'
import { spawnCommand } from './spawn-command.ts'
import { StopCommand } from './stop-command.ts'
import { stopSeconds } from './stop-seconds.ts'
import { foregroundGroup } from './terminal.ts'

export interface RunOptions {
  readonly terminationGracePeriodSeconds?: number | undefined
  /** What the command is told instead of SIGTERM. */
  readonly stopSignal?: NodeJS.Signals | undefined
  /** A shell command to run before the stop signal. */
  readonly preStop?: string | undefined
  /** Names of launchers that swallow the signal. */
  readonly stepOver?: readonly string[]
  /** Signals handed on that begin no stop, besides SIGUSR1, SIGUSR2 and SIGWINCH. */
  readonly pass?: readonly NodeJS.Signals[]
  readonly reportFile?: string | undefined
  /** Where everybody in the PID namespace is ours. */
  readonly namespace?: OwnNamespace | undefined
}

/** How a run ended. */
export interface RunEnd {
  readonly exitCode: number
  readonly report: Report
  /** The report for people. */
  readonly reportLine: string
  /** The signal to die of instead, so that a shell's loop around us stops, too. */
  readonly reraise?: NodeJS.Signals
  /** There was a terminal; it may be gone by now. */
  readonly onTerminal: boolean
}

/**
 * Runs a command until it ends or a signal stops it, and leaves nobody of its tree behind.
 * @throws {CannotStart} when there is no such command, or it cannot be executed
 */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<RunEnd> {
  const { pass = [], stepOver = [], stopSignal = 'SIGTERM', preStop, namespace } = options
  const self = readStat(process.pid)
  if (!self) {
    throw new LastcallError(
      'ERR_LASTCALL_PROCESS',
      'run finds the processes of its command in /proc, and /proc is not mounted here. Run it on Linux, with /proc.',
    )
  }
  const leave = preStop === undefined ? undefined : preStopHandler(preStop)
  const terminal = foregroundGroup()
  const { shutdown, reportLine } = runShutdown({ ...options, pass })
  // Everything that listens is there before the command is: as PID 1 the kernel drops a signal that nobody listens to.
  let members: Members | undefined
  const stopPassing = passSignals({ pass, terminal, namespace }, () => (members ? [{ members, stepOver }] : []))
  let stopRemembering = (): void => {}
  const line = DeadlineLine.open()
  try {
    const cookie = newCookie()
    const env = {
      ...process.env,
      [TREE_COOKIE]: cookie,
      // Without a line, too: that of a lastcall above us is not the command's.
      [DEADLINE_VARIABLE]: line && `3:${line.inode}`,
      TERMINATION_GRACE_PERIOD_SECONDS: String(stopSeconds(options.terminationGracePeriodSeconds)),
    }
    const child = await spawnCommand(command, { detached: terminal === undefined, env, line })
    const end = commandEnd(child)
    const name = basename(command[0] as string)
    // No turn of the event loop since the spawn: it is there, be it as a zombie, and no signal was handled in between.
    const root = readStat(child.pid as number) as ProcessId
    members = new Members(root, {
      cookie,
      ownGroup: terminal === undefined,
      // As PID 1 everything below it is ours, what ran here before the command too.
      ...(namespace && { ancestor: namespace.pidOne }),
    })
    stopRemembering = rememberMembers(members)

    const { addPart, beginWith } = partsOf(shutdown)
    const begun = new Promise<number>((resolve) =>
      shutdown.stopping.addEventListener('abort', () => resolve(performance.now()), { once: true }),
    )
    const stop = new StopCommand({
      name,
      pid: child.pid as number,
      end,
      members,
      stopSignal,
      stepOver,
      terminal,
      namespace,
      begun,
      // The signal begins the command's own shutdown: its report names that, as it would without us.
      announce: (leftMs) => line?.announce(leftMs, { begins: false }),
    })
    addPart(name, (context) => stop.run(context), { phase: 'children', findings: () => stop.findings() })
    const commandEnded = new AbortController()
    let preStopEnd: Promise<void> | undefined
    if (leave) {
      shutdown.preStop('--pre-stop', (context) => {
        // A command that has ended by itself has nobody to take leave of.
        if (context.reason.kind === 'child') return
        preStopEnd = leave(context, commandEnded.signal)
        return preStopEnd
      })
    }

    void end.then(() => commandEnded.abort())
    await Promise.race([end, begun])
    // Where a signal has begun it already, this is that same shutdown.
    const report = await beginWith({ kind: 'child', child: name, ...(stop.end && { message: endText(stop.end) }) })
    // How it ended is in the report; here only that it has.
    await preStopEnd?.catch(() => {})
    await stop.leaveNobody()
    return { ...runEnd(report, stop.end, terminal !== undefined), reportLine: reportLine() }
  } finally {
    stopRemembering()
    stopPassing()
    line?.close()
    shutdown.dispose()
  }
}

function runEnd(report: Report, end: ChildEnd | undefined, onTerminal: boolean): Omit<RunEnd, 'reportLine'> {
  // A script's loop around us goes on unless it sees us die of Ctrl-C as the command did.
  const reraise = report.ended === 'done' && onTerminal && end?.signal === 'SIGINT'
  return { exitCode: report.exitCode ?? 1, report, onTerminal, ...(reraise && { reraise: 'SIGINT' }) }
}
