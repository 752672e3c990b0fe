import { ownNamespace } from '../../run/init/own-namespace.ts'
import { type RunEnd, type RunOptions, run } from '../../run/run.ts'
import { say, sayNow } from '../../run/say.ts'
import type { GivenCommands } from '../../run/several/run-commands.ts'
import { CannotStart } from '../../run/spawn-command.ts'
import { closeLostTerminal, spareFromCtrlZ } from '../../run/terminal.ts'
import type { UsageError } from '../usage-error.ts'

/** How long the reader of a full pipe may keep us. */
const SAY_MS = 500

/** What was typed, checked. */
export interface RunWish {
  readonly options: RunOptions
  readonly commands: GivenCommands
  /** Named ones, or those of a file; else `commands.words` is one command. */
  readonly isSeveral: boolean
  /** The report on stderr, also when it is clean. */
  readonly json: boolean
}

/** Runs, says how it ended, and exits; returns where nothing could be started. */
export async function runToEnd(wish: RunWish, problem: (text: string) => UsageError): Promise<number> {
  const { commands, isSeveral, json } = wish
  const namespace = ownNamespace()
  spareFromCtrlZ(namespace)
  // Node would write them to a stderr that the command may have made blocking. None, where somebody turned them off.
  if (process.listenerCount('warning') > 0) {
    process.removeAllListeners('warning').on('warning', ({ message }) => sayNow(`lastcall run: ${message}\n`))
  }
  const options = { ...wish.options, namespace }
  let end: RunEnd
  try {
    end = isSeveral
      ? await (await import('../../run/several/run-commands.ts')).runCommands(commands, options, problem)
      : await run(commands.words, options)
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error
    process.stderr.write(`lastcall run: ${error.message}\n`)
    return error.exitCode
  }
  if (json) await say(`${JSON.stringify(end.report)}\n`, SAY_MS)
  // Nothing when it was clean: the output is the command's.
  else if (end.report.outcome === 'unclean') await say(`${end.reportLine}\n`, SAY_MS)
  if (end.onTerminal) closeLostTerminal()
  if (end.reraise && process.pid !== 1) {
    process.removeAllListeners(end.reraise)
    process.kill(process.pid, end.reraise)
  }
  // Not by itself: a pipe that nobody reads, or a process that survived, would hold the event loop for ever.
  process.exit(end.exitCode)
}
