import { constants } from 'node:os'
import { nearest } from '../options.ts'

type Problem = (problem: string) => Error

/** `TERM`, `SIGTERM`, `term` or `15`, as kill(1) and a Dockerfile's STOPSIGNAL take it. */
export function signalName(option: string, text: string, problem: Problem): NodeJS.Signals {
  const known = Object.keys(constants.signals) as NodeJS.Signals[]
  if (/^\d+$/.test(text)) {
    const found = known.find((name) => constants.signals[name] === Number(text))
    if (found) return found
    throw problem(`${option} takes the name of a signal, and ${text} has none. Write TERM.`)
  }
  const name = text.toUpperCase().replace(/^(SIG)?/, 'SIG')
  const found = known.find((one) => one === name)
  if (found) return found
  // Of three letters everything is near something.
  const near = name.length > 6 ? nearest(name, known)?.slice(3) : undefined
  throw problem(
    `${option} takes the name of a signal, got "${text}". ${near ? `Did you mean ${near}?` : 'Write TERM.'}`,
  )
}

/** A stop signal that nobody can handle is no stop signal. */
export function stopSignal(option: string, text: string, problem: Problem): NodeJS.Signals {
  const signal = signalName(option, text, problem)
  if (signal === 'SIGKILL' || signal === 'SIGSTOP') {
    throw problem(
      `${option} cannot be ${signal.slice(3)}: no program can handle it, so nothing would be cleaned up. Write TERM, INT or QUIT.`,
    )
  }
  return signal
}

/** Those that reach us as a plain event and mean nothing to us. */
const PASSABLE: readonly NodeJS.Signals[] = [
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGWINCH',
  'SIGALRM',
  'SIGTTIN',
  'SIGTTOU',
  'SIGURG',
  'SIGIO',
  'SIGPWR',
]

/** A signal that is handed to the command and begins nothing. */
export function passedSignal(option: string, text: string, problem: Problem): NodeJS.Signals {
  const signal = signalName(option, text, problem)
  if (PASSABLE.includes(signal)) return signal
  const why =
    signal === 'SIGTERM' || signal === 'SIGINT' ? 'it is how a stop begins' : 'it cannot be received and handed on'
  const names = PASSABLE.map((name) => name.slice(3)).join(', ')
  throw problem(`${option} cannot be ${signal.slice(3)}: ${why}. It may be ${names}.`)
}
