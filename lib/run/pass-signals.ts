import type { Members } from '../process-tree/members.ts'
import { passSignal } from '../process-tree/stop/pass-signal.ts'
import type { OwnNamespace } from './init/own-namespace.ts'
import { isFromTerminal } from './terminal.ts'

/** Without a listener they would end us, or start Node's debugger in us. */
export const ALWAYS_PASSED: readonly NodeJS.Signals[] = ['SIGUSR1', 'SIGUSR2', 'SIGWINCH']

/** The terminal tells its whole foreground group about these by itself. */
const OF_TERMINAL: readonly NodeJS.Signals[] = ['SIGWINCH', 'SIGQUIT']

/** A tree, and the launchers in it that swallow a signal. */
export interface PassedTo {
  readonly members: Members
  readonly stepOver: readonly string[]
}

export interface PassSetup {
  /** Besides those that always are. */
  readonly pass: readonly NodeJS.Signals[]
  /** The foreground group that the command shares with us. */
  readonly terminal: number | undefined
  readonly namespace: OwnNamespace | undefined
}

/** Hands signals on that begin no stop, each to the nearest process of each tree that handles it. Returns what ends it. */
export function passSignals(setup: PassSetup, trees: () => readonly PassedTo[]): () => void {
  const { pass, terminal, namespace } = setup
  const offs: (() => void)[] = []
  for (const signal of new Set([...ALWAYS_PASSED, ...pass])) {
    const listener = (): void => {
      if (terminal !== undefined && (OF_TERMINAL.includes(signal) || isFromTerminal(signal, namespace))) return
      for (const { members, stepOver } of trees()) void passSignal(members, signal, { stepOver })
    }
    process.on(signal, listener)
    offs.push(() => process.off(signal, listener))
  }
  return () => {
    for (const off of offs) off()
  }
}
