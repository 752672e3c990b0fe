import process from 'node:process'
import { monotonicNow } from './clock/deadline.ts'
import { LastcallError } from './errors.ts'
import type { Findings } from './hooks/findings.ts'
import {
  checkHook,
  checkHookOptions,
  checkName,
  type Hook,
  type HookFunction,
  type HookOptions,
  type PreStopOptions,
} from './hooks/hook.ts'
import { HookList } from './hooks/hook-list.ts'
import type { Reason } from './hooks/reason.ts'
import { closeResource, findCloser } from './hooks/resource.ts'
import { gracePeriod } from './kubernetes/grace-period.ts'
import { show } from './options.ts'
import { openHandles } from './report/open-handles.ts'
import { startProgress } from './report/progress.ts'
import { publishReport } from './report/publish.ts'
import type { Report } from './report/report.ts'
import { watchWorkerThreads } from './report/worker-threads.ts'
import { leave } from './shutdown/exit.ts'
import { foreignListeners, onForeignExit } from './shutdown/foreign-exit.ts'
import { printError } from './shutdown/print-error.ts'
import { register, registered, unregister } from './shutdown/registry.ts'
import { ShutdownStory } from './shutdown/shutdown.ts'
import { checkOptions, type ShutdownOptions, sameOptions } from './shutdown/shutdown-options.ts'
import { listen } from './shutdown/triggers.ts'
import { TrackedWork } from './work/tracked-work.ts'

/** A piece of work in flight: `using job = shutdown.track()`. */
export interface TrackedJob extends Disposable {
  /** Aborts when the job is given up: at the end of drain. */
  readonly signal: AbortSignal
}

/** The one shutdown of a process. */
export interface Shutdown extends Disposable {
  /**
   * Registers a function to run at shutdown, and returns what takes it off again. While stopping it joins its phase;
   * where that is over it runs at once, and is reported as `late`.
   * @throws {LastcallError} ERR_LASTCALL_OPTION, ERR_LASTCALL_DUPLICATE, ERR_LASTCALL_AFTER, ERR_LASTCALL_CYCLE, ERR_LASTCALL_DISPOSED
   */
  hook(name: string, run: HookFunction, options?: HookOptions): () => void
  /**
   * Registers a function for the first phase, while the process still serves: leave a cluster, hand over leadership.
   * @throws {LastcallError} as `hook`
   */
  preStop(name: string, run: HookFunction, options?: PreStopOptions): () => void
  /**
   * Closes a thing at shutdown by the call that is right for it; `report.hooks[n].how` names the call. Its phase is
   * `close`, or `flush` for loggers and telemetry.
   * @throws {LastcallError} as `hook`, and ERR_LASTCALL_RESOURCE when no way to close it is known
   */
  resource(name: string, thing: unknown, options?: HookOptions): () => void
  /**
   * Counts work in flight: drain waits for it. A function gets `cutoff` as its signal. What still runs at the end of
   * drain is `report.tracked.undone`, and the exit code says so. A promise is returned as it is.
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is neither a promise nor a function
   */
  track<T>(job: (signal: AbortSignal) => Promise<T> | T): Promise<T>
  track<P extends PromiseLike<unknown>>(job: P): P
  track(): TrackedJob
  /**
   * Says that the start is over: every name in an `after` must exist now.
   * @throws {LastcallError} ERR_LASTCALL_AFTER
   */
  ready(): void
  /**
   * Begins the shutdown; called again, or by several, it is the same one. Resolves with the report, just before the
   * process exits; inside a hook at once, with the report so far. An Error counts as an uncaught one.
   * @throws {LastcallError} ERR_LASTCALL_OPTION, ERR_LASTCALL_DISPOSED
   */
  begin(reason?: string | Error): Promise<Report>
  /** Aborts at the first moment: take no new work. */
  readonly stopping: AbortSignal
  /** Aborts at the end of drain: what is still in flight is given up now. */
  readonly cutoff: AbortSignal
  /** `running`, `stopping` or `stopped`. */
  readonly state: 'running' | 'stopping' | 'stopped'
  /**
   * Takes every listener and hook off. The process may create another shutdown afterwards. While stopping it does
   * nothing: the shutdown itself takes them off when it is over.
   */
  dispose(): void
}

/** @internal What `lastcall run` adds to a shutdown: a hook that counts, and a reason of its own. */
export interface Parts {
  addPart(name: string, run: HookFunction, options: HookOptions & { findings: () => Findings }): void
  beginWith(reason: Reason): Promise<Report>
}

const parts = new WeakMap<Shutdown, Parts>()

/** @internal */
export function partsOf(shutdown: Shutdown): Parts {
  const found = parts.get(shutdown)
  if (!found) throw new Error('not a shutdown of this copy of lastcall')
  return found
}

/**
 * Creates the shutdown of this process: listens for SIGTERM, SIGINT and SIGHUP, uncaught errors and an empty event
 * loop. Call it first: a signal that comes before it meets the default action. Called again without options it returns
 * the one that exists.
 * @throws {LastcallError} ERR_LASTCALL_OPTION, ERR_LASTCALL_SIGNAL; ERR_LASTCALL_EXISTS when called again with other options
 * @example
 * import { createShutdown } from 'lastcall'
 *
 * const shutdown = createShutdown()
 * shutdown.hook('say goodbye', () => console.log('goodbye'))
 */
export function createShutdown(options: ShutdownOptions = {}): Shutdown {
  const checked = checkOptions(options)
  const existing = registered()
  if (existing) {
    if (Object.keys(options).length === 0 || sameOptions(options, existing.options))
      return existing.shutdown as Shutdown
    throw new LastcallError(
      'ERR_LASTCALL_EXISTS',
      `createShutdown was called with ${show(existing.options)} at ${existing.calledAt}, and now with ${show(options)}. ` +
        'A process has one shutdown: pass the options once, and call createShutdown() without any elsewhere.',
    )
  }
  const grace = gracePeriod(options.terminationGracePeriodSeconds)

  const hooks = new HookList()
  const cutoff = new AbortController()
  const work = new TrackedWork(cutoff.signal)
  const threads = watchWorkerThreads()
  const offs: (() => void)[] = [() => threads.stop()]
  let isReady = false
  let isDisposed = false

  const story = new ShutdownStory({
    hooks,
    grace,
    cutoff,
    secondSignal: checked.secondSignal,
    now: monotonicNow,
    openHandles: () => openHandles(threads.holding()),
    foreignListeners: () => foreignListeners(checked.signals, 1),
    publish: (report) => publishReport(report, checked),
    watch: (look) => {
      offs.push(
        onForeignExit(
          () => story.interrupted(),
          (report) => publishReport(report, checked),
        ),
      )
      return process.stderr.isTTY ? startProgress(process.stderr, look) : () => {}
    },
    leave: async (exit, report, deadline) => {
      if (checked.exit === false) return takeOff()
      const signal = checked.exit === 'signal' && report.exitCode === 0 ? report.reason.signal : undefined
      await leave(signal ? { ...exit, reraise: signal as NodeJS.Signals } : exit, deadline.reserveMs / 2)
    },
  })

  const add = (hook: Hook): (() => void) => {
    if (isDisposed) throw disposedError(`hook "${hook.name}" cannot be registered`)
    hooks.add(hook)
    if (isReady) checkAfterOr(() => hooks.remove(hook))
    story.join(hook)
    return () => {
      hooks.remove(hook)
      story.forget(hook)
    }
  }
  const checkAfterOr = (undo: () => void): void => {
    try {
      hooks.checkAfter()
    } catch (error) {
      undo()
      throw error
    }
  }

  let drains = false
  const drainTracked = (): void => {
    if (drains || isDisposed) return
    drains = true
    add({
      name: 'tracked work',
      phase: 'drain',
      after: [],
      timeoutMs: undefined,
      run: (context) => work.drain(context, () => cutoff.abort(new DOMException("drain's time is over", 'AbortError'))),
      findings: () => work.findings(),
    })
  }

  function track(job?: unknown): unknown {
    if (
      job !== undefined &&
      typeof job !== 'function' &&
      typeof (job as PromiseLike<unknown> | null)?.then !== 'function'
    ) {
      throw new LastcallError(
        'ERR_LASTCALL_OPTION',
        `track takes a promise, a function, or nothing, got ${show(job)}. Write await shutdown.track((signal) => work(signal)).`,
      )
    }
    drainTracked()
    const end = work.begin()
    if (job === undefined) return { signal: cutoff.signal, [Symbol.dispose]: end }
    if (typeof job === 'function') return (async () => job(cutoff.signal))().finally(end)
    const promise = job as PromiseLike<unknown>
    promise.then(end, end)
    return promise
  }

  const takeOff = (): void => {
    isDisposed = true
    for (const off of offs.splice(0)) off()
    unregister(shutdown)
  }
  // In the middle of a shutdown it would leave the next signal to the default action; the end takes everything off.
  const dispose = (): void => (story.state === 'stopping' ? undefined : takeOff())

  const shutdown: Shutdown = {
    hook: (name, run, options = {}) => add(checkHook('hook', name, run, options, ['phase', 'after', 'timeoutMs'])),
    preStop: (name, run, options = {}) =>
      add({ ...checkHook('preStop', name, run, options, ['after', 'timeoutMs']), phase: 'preStop' }),
    resource: (name, thing, options = {}) => {
      checkName('resource', name)
      const about = checkHookOptions('resource', name, options)
      const closer = findCloser(name, thing)
      const phase = options.phase ?? closer.defaultPhase ?? about.phase
      return add({ ...about, name, phase, how: closer.how, run: (context) => closeResource(closer, context) })
    },
    track: track as Shutdown['track'],
    ready: () => {
      hooks.checkAfter()
      isReady = true
    },
    begin: (reason) => {
      if (reason !== undefined && typeof reason !== 'string' && !(reason instanceof Error)) {
        throw new LastcallError(
          'ERR_LASTCALL_OPTION',
          `begin takes a reason, a string or an Error, got ${show(reason)}. Write begin('maintenance').`,
        )
      }
      if (isDisposed && story.state === 'running') throw disposedError('it cannot begin')
      if (reason instanceof Error) story.error(reason)
      return story.begin({ kind: 'call', ...(typeof reason === 'string' && { message: reason }) })
    },
    stopping: story.stopping.signal,
    cutoff: cutoff.signal,
    get state() {
      return story.state
    },
    dispose,
    [Symbol.dispose]: dispose,
  }

  parts.set(shutdown, {
    addPart: (name, run, { findings, ...options }) =>
      void add({ ...checkHook('part', name, run, options, ['phase', 'after', 'timeoutMs']), findings }),
    beginWith: (reason) => story.begin(reason),
  })
  register({ shutdown, options: { ...options }, calledAt: callSite() })
  offs.push(
    listen(checked, {
      signal: (signal) => story.signal(signal),
      error: (error) => {
        printError(error)
        story.error(error)
      },
      empty: () => void story.begin({ kind: 'empty' }),
    }),
  )
  return shutdown
}

/** File and line of the call of createShutdown, for the error of a second call that differs. */
function callSite(): string {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, createShutdown)
  const frame = holder.stack?.split('\n')[1]?.trim() ?? ''
  return /\(?((?:file:\/\/)?[^()\s]+:\d+:\d+)\)?$/.exec(frame)?.[1] ?? 'an unknown place'
}

function disposedError(what: string): LastcallError {
  return new LastcallError(
    'ERR_LASTCALL_DISPOSED',
    `${what}: this shutdown is over or was disposed. Call createShutdown() for a new one.`,
  )
}
