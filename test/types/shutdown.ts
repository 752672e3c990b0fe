import { expectTypeOf } from 'expect-type'
import {
  createShutdown,
  type HookContext,
  LastcallError,
  type LastcallErrorCode,
  type Report,
} from '../../lib/index.ts'

// Compiled by `npm run types`, never run: what a user may write, and what the compiler must refuse.
export async function accepted(): Promise<void> {
  const shutdown = createShutdown()
  expectTypeOf(shutdown.hook('a', () => {})).toEqualTypeOf<() => void>()
  expectTypeOf(shutdown.begin()).toEqualTypeOf<Promise<Report>>()
  expectTypeOf(shutdown.stopping).toEqualTypeOf<AbortSignal>()
  expectTypeOf(shutdown.cutoff).toEqualTypeOf<AbortSignal>()
  expectTypeOf(shutdown.state).toEqualTypeOf<'running' | 'stopping' | 'stopped'>()

  shutdown.hook('b', (context) => expectTypeOf(context).toEqualTypeOf<HookContext>(), { phase: 'flush', after: ['a'] })
  shutdown.preStop('c', async ({ signal }) => signal.throwIfAborted(), { timeoutMs: 500 })
  shutdown.resource('d', { close() {} }, { phase: 'close' })
  shutdown.begin(new Error('broken'))

  expectTypeOf(shutdown.track(async () => 1)).toEqualTypeOf<Promise<number>>()
  expectTypeOf(shutdown.track(() => 'now')).toEqualTypeOf<Promise<string>>()
  expectTypeOf(shutdown.track((signal) => signal.aborted)).toEqualTypeOf<Promise<boolean>>()
  // A promise comes back as what it was, a subclass too; another thenable as a plain promise.
  class Query extends Promise<number> {}
  expectTypeOf(shutdown.track(new Query(() => {}))).toEqualTypeOf<Query>()
  const thenable: PromiseLike<string> = Promise.resolve('rows')
  expectTypeOf(shutdown.track(thenable)).toEqualTypeOf<Promise<string>>()
  const job = shutdown.track()
  expectTypeOf(job.signal).toEqualTypeOf<AbortSignal>()
  expectTypeOf(job).toExtend<Disposable>()

  const report = await shutdown.begin('maintenance')
  expectTypeOf(report.outcome).toEqualTypeOf<'clean' | 'unclean'>()
  expectTypeOf(report.exitCode).toEqualTypeOf<number | null>()
  expectTypeOf(new LastcallError('ERR_LASTCALL_OPTION', '').code).toEqualTypeOf<LastcallErrorCode>()
  createShutdown({
    exit: 'signal',
    errors: 'never',
    signals: ['SIGTERM'],
    secondSignal: 'ignore',
    logger: (line) => line.length,
  })
}

export function refused(): void {
  // @ts-expect-error an unknown option
  createShutdown({ gracePeriod: 30 })
  // @ts-expect-error a number, not a duration in words
  createShutdown({ terminationGracePeriodSeconds: '30s' })
  // @ts-expect-error no such way to end
  createShutdown({ exit: 'later' })
  // @ts-expect-error not a signal
  createShutdown({ signals: ['TERM'] })

  const shutdown = createShutdown()
  // @ts-expect-error a hook has a name
  shutdown.hook(() => {})
  // @ts-expect-error a hook is a function
  shutdown.hook('a')
  // @ts-expect-error no such phase
  shutdown.hook('a', () => {}, { phase: 'cleanup' })
  // @ts-expect-error preStop is a phase of its own
  shutdown.preStop('a', () => {}, { phase: 'drain' })
  // @ts-expect-error after is a list
  shutdown.hook('a', () => {}, { after: 'b' })
  // @ts-expect-error a reason is a text or an Error
  shutdown.begin(1)
  // @ts-expect-error neither a promise nor a function
  shutdown.track(1)
  // @ts-expect-error the signals are lastcall's own
  shutdown.stopping = AbortSignal.abort()
}
