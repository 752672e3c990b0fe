import { types } from 'node:util'
import { LastcallError } from '../errors.ts'
import type { Hook } from '../hooks/hook.ts'
import { show } from '../options.ts'
import { TrackedWork } from './tracked-work.ts'

/** A piece of work in flight: `using job = shutdown.track()`. */
export interface TrackedJob extends Disposable {
  /** Aborts when the job is given up: at the end of drain. */
  readonly signal: AbortSignal
}

/** The three forms of `track`: a function that gets `cutoff`, a promise, or nothing but a scope. */
export interface Track {
  <T>(job: (signal: AbortSignal) => Promise<T> | T): Promise<T>
  <P extends Promise<unknown>>(job: P): P
  <T>(job: PromiseLike<T>): Promise<T>
  (): TrackedJob
}

/** Makes `track`; its drain hook is registered with the first job, so that a service without any keeps its time. */
export function createTrack(cutoff: AbortSignal, cut: () => void, add: (hook: Hook) => void): Track {
  const work = new TrackedWork(cutoff)
  let drains = false
  const drainOnce = (): void => {
    if (drains) return
    add({
      name: 'tracked work',
      phase: 'drain',
      after: [],
      timeoutMs: undefined,
      isOurs: true,
      beside: (othersEnded) => work.beside(othersEnded),
      run: (context) => work.drain(context, cut),
      findings: () => work.findings(),
    })
    drains = true
  }

  // After the cutoff nobody waits for new work: it runs, uncounted.
  const begin = (): (() => void) => {
    if (!cutoff.aborted) drainOnce()
    return work.begin()
  }

  function track(...given: unknown[]): unknown {
    // A job that is missing by mistake is no scope: one that nobody ends holds drain to its limit.
    if (given.length === 0) return { signal: cutoff, [Symbol.dispose]: begin() }
    const [job] = given
    if (!isJob(job)) {
      throw new LastcallError(
        'ERR_LASTCALL_OPTION',
        `track takes a promise, a function, or nothing, got ${show(job)}. Write await shutdown.track((signal) => work(signal)).`,
      )
    }
    const end = begin()
    // To see a promise end is to handle its failure. Who made it handles that where it is awaited; a second promise that
    // fails as well would be an uncaught error, and end a service whose job has failed as jobs do.
    if (types.isPromise(job)) {
      job.then(end, end)
      return job
    }
    // A thenable may do its work when somebody asks for it, a query builder does: so it is asked once.
    return (async () => (typeof job === 'function' ? job(cutoff) : job))().finally(end)
  }
  return track as Track
}

type Job = ((signal: AbortSignal) => unknown) | PromiseLike<unknown>

function isJob(job: unknown): job is Job {
  return typeof job === 'function' || typeof (job as PromiseLike<unknown> | null | undefined)?.then === 'function'
}
