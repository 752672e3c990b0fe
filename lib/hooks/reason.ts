/** What began the shutdown. */
export interface Reason {
  /**
   * `signal`: the platform or a person; `error`: an uncaught exception; `prestop`: the pod's preStop hook asked `/prestop`;
   * `parent`: the lastcall that supervises us stops
   * us, or it has gone; PM2's message; by option the end of the IPC channel; `call`: `begin(reason)`; `child`: a
   * significant child ended, or one is out of restarts; `empty`: nothing was left in the event loop;
   * `blocked`: the event loop was blocked, and only the report says so, since no hook can run.
   */
  readonly kind: 'signal' | 'error' | 'prestop' | 'parent' | 'call' | 'child' | 'empty' | 'blocked'
  /** With `signal`: its name, such as `'SIGTERM'`. */
  readonly signal?: NodeJS.Signals
  /** In words: what `begin` was given, or the error's message. */
  readonly message?: string
  /** With `error`: what was thrown. */
  readonly error?: unknown
  /** With `child`: its name. */
  readonly child?: string
  /** With `child`: what we end with, unless something worse happens. */
  readonly exitCode?: number
}

export function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'signal':
      return reason.signal ?? 'a signal'
    case 'error':
      return `an uncaught error (${reason.message ?? 'no message'})`
    case 'prestop':
      return 'the preStop hook'
    case 'parent':
      return reason.message ?? 'the parent'
    case 'call':
      return reason.message ? `begin("${reason.message}")` : 'begin()'
    case 'child':
      return `the end of ${reason.child ?? 'a child'}${reason.message ? ` (${reason.message})` : ''}`
    case 'empty':
      return 'an empty event loop'
    case 'blocked':
      return 'a blocked event loop'
  }
}
