import type { ExitCall } from '../../report/report.ts'

/** Enough to see through a framework's own layers to the author. */
const FRAMES = 50

/**
 * Who called `process.exit`. It emits `exit` while its caller still waits for it, so the caller stands in the listener's
 * own stack, and `process.exit` need not be wrapped: that would miss whoever took it before (`import { exit }`).
 * Undefined where the process ends in another way, such as by an error that nobody caught.
 */
export function callerOfExit(listener: (...args: never[]) => unknown, code: number): ExitCall | undefined {
  try {
    const frames = stackAbove(listener)
    // Who patches `process.emit`, as signal-exit does, stands above it; who wraps `process.exit`, below.
    const exit = frames.findIndex((frame) => /\bexit (\[as [^\]]+\] )?\(node:internal\/process\//.test(frame))
    if (exit < 0) return undefined
    const callers = frames.slice(exit + 1)
    const author =
      callers.find((frame) => !frame.includes('(node:') && !frame.startsWith('at node:')) ?? callers[0] ?? ''
    const [, by, at] = /^at (?:async )?(?:(.*) \()?(.*?)\)?$/.exec(author) ?? []
    return { code, ...(by && { by }), at: pathOf(at ?? ''), stack: callers.join('\n') }
  } catch {
    // What somebody made of Error.prepareStackTrace must not cost the report.
    return undefined
  }
}

function stackAbove(called: (...args: never[]) => unknown): string[] {
  const before = Error.stackTraceLimit
  const holder: { stack?: string } = {}
  try {
    Error.stackTraceLimit = FRAMES
    Error.captureStackTrace(holder, called)
    return String(holder.stack)
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  } finally {
    Error.stackTraceLimit = before
  }
}

function pathOf(place: string): string {
  const [, url, position] = /^(file:\/\/.*?)((?::\d+)*)$/.exec(place) ?? []
  return url ? `${process.getBuiltinModule('node:url').fileURLToPath(url)}${position}` : place || 'an unknown place'
}
