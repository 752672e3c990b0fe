import type { Child } from '../../children/child.ts'
import { outlivingReader } from '../../children/life/output.ts'
import { LastcallError } from '../../errors.ts'
import type { Reason } from '../../hooks/reason.ts'
import { readStat } from '../../process-tree/find-linux.ts'
import { Members } from '../../process-tree/members.ts'
import type { Report } from '../../report/report.ts'
import { deliverOutput } from '../../shutdown/exit.ts'
import { partsOf } from '../../wiring/parts.ts'
import { type PassedTo, passSignals } from '../pass-signals.ts'
import { preStopHandler } from '../pre-stop.ts'
import type { RunEnd, RunOptions } from '../run.ts'
import { runShutdown } from '../run-shutdown.ts'
import { foregroundGroup } from '../terminal.ts'
import type { CommandPlan } from './config/check-command.ts'
import type { RunPlan } from './config/check-config.ts'
import { Ends } from './ends.ts'
import type { CommandEnd } from './exit-code.ts'
import { follow } from './follow.ts'
import { LeftBehind } from './left-behind.ts'
import { outputOf } from './output-of.ts'

/** How long the reader of a full pipe may keep us. */
const DELIVER_MS = 500

/**
 * Runs commands side by side until all have ended, or one of them or a signal stops all; leaves nobody behind. Calls
 * `listening` when it hears the signals itself: a listener that stays until then keeps those that came before.
 */
export async function runSeveral(
  plan: RunPlan,
  { pass = [], namespace }: Pick<RunOptions, 'pass' | 'namespace'> = {},
  listening: () => void = () => {},
): Promise<RunEnd> {
  const self = readStat(process.pid)
  if (!self) {
    throw new LastcallError(
      'ERR_LASTCALL_PROCESS',
      'run finds the processes of its commands in /proc, and /proc is not mounted here. Run it on Linux, with /proc.',
    )
  }
  const onTerminal = foregroundGroup() !== undefined
  const { preStop, commands } = plan
  const leave = preStop === undefined ? undefined : preStopHandler(preStop)
  const { shutdown, reportLine } = runShutdown({ ...plan, pass })
  listening()
  const { addPart, beginWith } = partsOf(shutdown)
  const isStopping = (): boolean => shutdown.stopping.aborted
  const children = new Map<string, Child>()
  const ends = new Ends(commands)
  const say = (text: string): void => void outlivingReader(process.stderr).write(`lastcall run: ${text}\n`)

  const ended = (name: string, end: CommandEnd | undefined, isFailed: boolean): void => {
    // The shutdown begins by one that failed or is significant without us, but later than this.
    const beginsIt = isFailed || ends.isSignificant(name)
    const isLast = ends.isLast(name)
    ends.add(name, end, isStopping() || isLast || beginsIt)
    if (!isLast || isStopping() || beginsIt) return
    void beginWith({ kind: 'child', child: name, message: `${end?.signal ?? `code ${end?.code}`}, the last command` })
  }

  const stopPassing = passSignals({ pass, terminal: undefined, namespace }, () =>
    commands.flatMap((one) => treeOf(one, children.get(one.name))),
  )
  try {
    const begun = new Promise<void>((resolve) => {
      shutdown.stopping.addEventListener('abort', () => resolve(), { once: true })
    })
    let reason: Reason | undefined
    // Beside the commands and no longer than they: it may cost them no time.
    const waitForAll = (of: Reason): Promise<void> => {
      reason = of
      return ends.all
    }
    addPart('lastcall run', (context) => waitForAll(context.reason), {
      phase: 'children',
      findings: () => ends.findings(reason, (name) => children.get(name)?.pid),
    })
    if (namespace) {
      const left = new LeftBehind(self, namespace)
      addPart('left behind', (context) => left.stop(context), { phase: 'close', findings: () => left.findings() })
    }
    let preStopEnd: Promise<void> | undefined
    if (leave) {
      shutdown.preStop('--pre-stop', (context) => {
        // Commands that have ended have nobody to take leave of.
        if (ends.over.signal.aborted) return
        preStopEnd = leave(context, ends.over.signal)
        return preStopEnd
      })
    }
    const output = outputOf(plan)
    for (const command of commands) {
      const { name, options } = command
      try {
        children.set(name, shutdown.supervise(name, command.command, { ...options, output: output(command) }))
      } catch (error) {
        // What was checked a moment ago is gone: those that start already must not be left, nor the others waited for.
        for (const one of commands) if (!children.has(one.name)) ends.add(one.name, undefined, true)
        await beginWith({ kind: 'error', error })
        throw cannotStart(name, error)
      }
      follow(children.get(name) as Child, command, {
        say,
        isStopping,
        ended: (end, isFailed) => ended(name, end, isFailed),
      })
    }

    await begun
    if (!ends.over.signal.aborted) say((shutdown.stopping.reason as Error).message)
    // The shutdown that has begun.
    const report = await beginWith({ kind: 'child' })
    // How it ended is in the report; here only that it has.
    await preStopEnd?.catch(() => {})
    await deliverOutput(DELIVER_MS)
    const reraise = diesOfIt(report, onTerminal) && ({ reraise: 'SIGINT' } as const)
    return { exitCode: report.exitCode ?? 1, report, reportLine: reportLine(), onTerminal, ...reraise }
  } finally {
    stopPassing()
    shutdown.dispose()
  }
}

/** Whose option it is: `supervise` names no child. */
function cannotStart(name: string, error: unknown): unknown {
  if (!(error instanceof LastcallError)) return error
  const text = error.message.replace(/^lastcall: (option )?/, '')
  return new LastcallError(error.code, `${name} cannot start: ${text}`, { cause: error })
}

/** The exit code's table lets Ctrl-C on a terminal end us by itself. */
function diesOfIt({ ended, exitCode, reason }: Report, onTerminal: boolean): boolean {
  return onTerminal && ended === 'done' && exitCode === 130 && reason.signal === 'SIGINT'
}

function treeOf({ options }: CommandPlan, child: Child | undefined): PassedTo[] {
  const root = child?.pid === undefined ? undefined : readStat(child.pid)
  return root ? [{ members: new Members(root, { ownGroup: true }), stepOver: options.stepOver ?? [] }] : []
}
