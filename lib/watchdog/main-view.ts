import { Session } from 'node:inspector'
import { readStack, type Stack } from './stack.ts'

/** What was seen of the main thread while it was blocked. */
export interface Look {
  readonly stack: Stack
  /** Where its inspector listens, if it does. */
  readonly inspectorUrl: string | undefined
}

/**
 * Run in the middle of whatever main does. An app may have changed how stacks look (source-map-support), and asked for
 * fewer lines.
 */
const LOOK = `(() => {
  const { stackTraceLimit, prepareStackTrace } = Error
  Error.stackTraceLimit = 30
  Error.prepareStackTrace = undefined
  const { stack } = new Error()
  Error.stackTraceLimit = stackTraceLimit
  Error.prepareStackTrace = prepareStackTrace
  let url
  try { url = process.getBuiltinModule('node:inspector').url() } catch {}
  return JSON.stringify({ stack, url })
})()`

/**
 * Unless it is ended by force by now, with another code: the shutdown of this process knows. Node says on stderr that it
 * waits for a debugger, meaning us; closed, it has nothing to say it on.
 */
const exitWith = (code: number): string => `(() => {
  const module = process.getBuiltinModule
  const shutdown = module('node:events').EventEmitter[Symbol.for('lastcall.v1')]
  if (shutdown?.leaves?.() === false) return
  module('node:fs').closeSync(2)
  process.reallyExit(${code})
})()`

/** Looks into the main thread through V8's inspector: JavaScript of ours runs there, even within an endless loop. */
export class MainView {
  readonly #session: Session

  private constructor(session: Session) {
    this.#session = session
  }

  /** Undefined where this Node was built without an inspector. */
  static open(): MainView | undefined {
    try {
      const session = new Session()
      session.connectToMainThread()
      return new MainView(session)
    } catch {
      return undefined
    }
  }

  /** Never resolves while main is in a native call. */
  look(): Promise<Look> {
    return new Promise((resolve) => {
      this.#session.post('Runtime.evaluate', { expression: LOOK, returnByValue: true }, (error, answer) => {
        if (error || typeof answer.result.value !== 'string') return
        const { stack, url } = JSON.parse(answer.result.value)
        resolve({ stack: readStack(String(stack)), inspectorUrl: url })
      })
    })
  }

  exit(code: number): void {
    this.#session.post('Runtime.evaluate', { expression: exitWith(code) }, () => {})
  }

  close(): void {
    this.#session.disconnect()
  }
}
