import { inWorkerThread, obeyAdopter } from './children/adopt/thread-channel.ts'
import { heritageOf } from './children/cascade/heritage.ts'
import { Children } from './children/children.ts'
import { NobodyOutlives } from './children/guard/outlive.ts'
import { dieWithParent } from './children/guard/parent-death.ts'
import { monotonicNow } from './clock/deadline.ts'
import { DEADLINE_VARIABLE } from './clock/deadline-record.ts'
import { LastcallError } from './errors.ts'
import type { Findings } from './hooks/findings.ts'
import { checkHook, checkHookOptions, checkName, type Hook, type HookFunction, type HookOptions } from './hooks/hook.ts'
import { HookList } from './hooks/hook-list.ts'
import type { Reason } from './hooks/reason.ts'
import { closeResource, findCloser } from './hooks/resource.ts'
import { gracePeriod } from './kubernetes/grace-period.ts'
import { show } from './options.ts'
import { onTerminal } from './report/on-terminal.ts'
import { openHandles } from './report/open-handles.ts'
import { startProgress } from './report/progress.ts'
import { publishReport } from './report/publish.ts'
import type { Report } from './report/report.ts'
import { watchWorkerThreads } from './report/worker-threads.ts'
import { leave } from './shutdown/exit.ts'
import { foreignListeners, onForeignExit } from './shutdown/foreign-exit.ts'
import { listenToParent } from './shutdown/parent.ts'
import { printError } from './shutdown/print-error.ts'
import { callSite, register, registered, unregister } from './shutdown/registry.ts'
import { ShutdownStory } from './shutdown/shutdown.ts'
import { checkOptions, type ShutdownOptions, sameOptions } from './shutdown/shutdown-options.ts'
import { listen } from './shutdown/triggers.ts'
import type { Shutdown } from './shutdown-handle.ts'
import { createTrack } from './work/track.ts'

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
  const inThread = inWorkerThread()

  const hooks = new HookList()
  const cutoff = new AbortController()
  const threads = watchWorkerThreads()
  const offs: (() => void)[] = [() => threads.stop()]
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
      const stopProgress = !inThread && onTerminal(2) ? startProgress(process.stderr, look) : () => {}
      offs.push(
        onForeignExit(
          // With `exit: false` the code is the app's as soon as the report is out.
          () => (checked.exit === false && story.state === 'stopped' ? undefined : story.interrupted()),
          (report) => {
            stopProgress()
            publishReport(report, checked)
          },
        ),
      )
      return stopProgress
    },
    leave: async (exit, report, deadline) => {
      if (checked.exit === false) return takeOff()
      const signal = checked.exit === 'signal' && report.exitCode === 0 ? report.reason.signal : undefined
      await leave(signal ? { ...exit, reraise: signal as NodeJS.Signals } : exit, deadline.reserveMs / 2)
    },
  })

  const add = (hook: Hook, before: readonly string[] = []): (() => void) => {
    if (isDisposed) throw disposedError(`hook "${hook.name}" cannot be registered`)
    hooks.add(hook, before)
    story.join(hook)
    return () => {
      hooks.remove(hook)
      story.forget(hook)
    }
  }
  const track = createTrack(cutoff, add)
  let begunAt: number | undefined
  story.stopping.signal.addEventListener('abort', () => {
    begunAt = monotonicNow()
  })
  const outlive = new NobodyOutlives({ guard: checked.guard })
  const children = new Children({
    now: monotonicNow,
    begunAt: () => begunAt,
    begin: (reason) => void story.begin(reason),
    addPart: (name, run, before, findings) =>
      add({ name, phase: 'children', after: [], timeoutMs: undefined, run, findings }, before),
    heritage: (plan) => ({ ...heritageOf(plan, grace.seconds), launcher: checked.guard ? [] : dieWithParent() }),
    started: (run) => outlive.started(run),
    over: (run) => outlive.over(run),
    graceMs: grace.seconds * 1_000,
  })

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
    track,
    supervise: (name, command, options = {}) => {
      if (isDisposed) throw disposedError(`child "${name}" cannot be supervised`)
      return children.supervise(name, command, options)
    },
    adopt: (name, thing, options = {}) => {
      if (isDisposed) throw disposedError(`child "${name}" cannot be adopted`)
      return children.adopt(name, thing, options)
    },
    ready: () => hooks.complete(),
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
  register({ shutdown, options: { ...options }, calledAt: callSite(createShutdown) })
  const announced = (leftMs: number, begins: boolean): void => {
    story.announced(monotonicNow() + leftMs)
    if (begins) void story.begin({ kind: 'parent' })
  }
  // The descriptor is the whole process's: what a thread read of it would be lost to the others.
  const parent = listenToParent(inThread ? undefined : process.env[DEADLINE_VARIABLE], {
    announced,
    gone: () => void story.begin({ kind: 'parent', message: 'the end of the parent' }),
  })
  offs.push(
    () => parent.close(),
    // No signal reaches a thread: whoever adopted it asks.
    listen(inThread ? { ...checked, signals: [] } : checked, {
      signal: (signal) => {
        parent.look()
        story.signal(signal)
      },
      error: (error) => {
        // A start that was awaited when the stop came is no fault of the app: `await child.ready`.
        if (story.state !== 'running' && (error as Partial<LastcallError> | null)?.code === 'ERR_LASTCALL_STOPPING')
          return
        printError(error)
        story.error(error)
      },
      empty: () => void story.begin({ kind: 'empty' }),
    }),
  )
  if (inThread) offs.push(obeyAdopter((leftMs) => announced(leftMs, true)))
  return shutdown
}

function disposedError(what: string): LastcallError {
  return new LastcallError(
    'ERR_LASTCALL_DISPOSED',
    `${what}: this shutdown is over or was disposed. Call createShutdown() for a new one.`,
  )
}
