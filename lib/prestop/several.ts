import { hookLimitMs } from '../clock/budget.ts'
import { startTimer } from '../clock/timer.ts'
import type { HookContext, HookFunction } from '../hooks/hook.ts'
import { badOption } from '../options.ts'

/**
 * Runs all side by side and waits for all, however they end. Of one failure the hook's error is that one's, of several it
 * names them all.
 * @throws {LastcallError} ERR_LASTCALL_OPTION when one is no function, or there is none
 */
export function allOf(...handlers: readonly HookFunction[]): HookFunction {
  checkHandlers('allOf', handlers)
  return async (context) => {
    const ended = await Promise.allSettled(handlers.map(async (handler) => handler(context)))
    throwFailures(ended, handlers.length)
  }
}

/**
 * Runs one after the other. One that fails does not keep the others from running, and the hook's error is its; one that
 * hangs leaves a second to each that comes after it. `signal` and `remainingMs()` are each one's own.
 * @throws {LastcallError} ERR_LASTCALL_OPTION when one is no function, or there is none
 */
export function oneAfterAnother(...handlers: readonly HookFunction[]): HookFunction {
  checkHandlers('oneAfterAnother', handlers)
  return async (context) => {
    const ended: PromiseSettledResult<unknown>[] = []
    for (const [n, handler] of handlers.entries()) {
      if (context.signal.aborted) break
      const limitMs = hookLimitMs(context.remainingMs(), handlers.length - 1 - n)
      ended.push(...(await Promise.allSettled([runWithin(limitMs, n + 1, handler, context)])))
    }
    throwFailures(ended, handlers.length)
  }
}

/** Rejects at its limit, whatever the handler makes of its signal: the next one has its turn. */
async function runWithin(limitMs: number, n: number, handler: HookFunction, context: HookContext): Promise<void> {
  const over = new AbortController()
  const signal = AbortSignal.any([context.signal, over.signal])
  const endsInMs = (): number => Math.max(0, limitMs - (startedWith - context.remainingMs()))
  const startedWith = context.remainingMs()
  let stopTimer = (): void => {}
  const cut = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    stopTimer = startTimer(limitMs, () =>
      over.abort(new DOMException(`handler ${n} had ${Math.round(limitMs)} ms`, 'TimeoutError')),
    )
  })
  const own: HookContext = {
    signal,
    deadline: new Date(Math.min(Date.now() + limitMs, context.deadline.getTime())),
    remainingMs: () => (signal.aborted ? 0 : endsInMs()),
    reason: context.reason,
  }
  try {
    await Promise.race([(async () => handler(own))(), cut])
  } finally {
    stopTimer()
  }
}

function checkHandlers(where: string, handlers: readonly unknown[]): void {
  const wrong = handlers.find((handler) => typeof handler !== 'function')
  if (handlers.length > 0 && wrong === undefined) return
  throw badOption(where, 'given functions', wrong, `Write ${where}(sleep(5), httpGet('http://127.0.0.1:8080/leave')).`)
}

function throwFailures(ended: readonly PromiseSettledResult<unknown>[], of: number): void {
  const errors = ended.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []))
  if (errors.length === 1) throw errors[0]
  if (errors.length === 0) return
  const words = errors.map((error) => (error instanceof Error ? error.message : String(error)))
  throw new AggregateError(errors, `${errors.length} of ${of} failed: ${words.join('; ')}`)
}
