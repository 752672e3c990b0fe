import type { Cluster } from 'node:cluster'
import { setMaxListeners } from 'node:events'
import { types } from 'node:util'
import { inWorkerThread } from './children/adopt/thread-channel.ts'
import { afterPreStop } from './clock/after-pre-stop.ts'
import { monotonicNow } from './clock/deadline.ts'
import { LastcallError } from './errors.ts'
import { checkHook, checkHookOptions, checkName, type Hook } from './hooks/hook.ts'
import { HookList } from './hooks/hook-list.ts'
import { closeResource, findCloser } from './hooks/resource.ts'
import { sayIgnored } from './kubernetes/grace/say-ignored.ts'
import { gracePeriod } from './kubernetes/grace-period.ts'
import { show } from './options.ts'
import { openHandles } from './report/open-handles.ts'
import { publishReport } from './report/publish.ts'
import type { Report } from './report/report.ts'
import { watchWorkerThreads } from './report/worker-threads.ts'
import { longLived } from './serving/long-lived.ts'
import { Servers } from './serving/servers.ts'
import { leave, outputMs } from './shutdown/exit.ts'
import { foreignListeners } from './shutdown/foreign/foreign-exit.ts'
import { checkOptions, sameOptions } from './shutdown/options/check-options.ts'
import type { ShutdownOptions } from './shutdown/options/shutdown-options.ts'
import { sharedShutdown, version } from './shutdown/other-version.ts'
import { callSite, register, registered, unregister } from './shutdown/registry.ts'
import { ShutdownStory } from './shutdown/shutdown.ts'
import { methodNames, type Shutdown } from './shutdown-handle.ts'
import { tellSystemd } from './systemd/tell-systemd.ts'
import { beginFromOutside } from './wiring/begin-from-outside.ts'
import { joinChildren } from './wiring/join-children.ts'
import { type JoinedProbes, joinProbes } from './wiring/join-probes.ts'
import { otherVerb } from './wiring/other-verb.ts'
import { joinOwnPod } from './wiring/own-pod.ts'
import { setParts } from './wiring/parts.ts'
import { reapOrphans } from './wiring/reap-orphans.ts'
import { setLameDuck } from './wiring/set-lame-duck.ts'
import { watchExit } from './wiring/watch-exit.ts'
import { watchOver } from './wiring/watch-over.ts'
import { Consumers } from './work/consumer.ts'
import { Cutoff } from './work/cutoff.ts'
import { createTrack } from './work/track.ts'

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
      return sharedShutdown(existing, methodNames) as Shutdown
    throw new LastcallError(
      'ERR_LASTCALL_EXISTS',
      `createShutdown was called with ${show(existing.options)} at ${existing.calledAt}, and now with ${show(options)}. ` +
        'A process has one shutdown: pass the options once, and call createShutdown() without any elsewhere.',
    )
  }
  const grace = gracePeriod(options)
  const inThread = inWorkerThread()
  if (!inThread) sayIgnored(grace)
  // The message is the process's: a thread's end is none.
  const readers = inThread && options.terminationLog === undefined ? { ...checked, terminationLog: undefined } : checked

  const hooks = new HookList()
  const cutoff = new Cutoff()
  const threads = watchWorkerThreads()
  const offs: (() => void)[] = [() => threads.stop()]
  let isDisposed = false

  const publish = (report: Report): void => {
    // Of a thread that its adopter stopped all is well: that is a row in the adopter's report. One process, one line.
    const isTold = inThread && report.reason.kind === 'parent' && report.outcome === 'clean'
    publishReport(report, { ...readers, logger: checked.logger ?? (isTold ? () => {} : undefined) })
  }
  const watchdog = watchOver({ options: checked, grace, story: () => story, readTrees: (reader) => readTrees(reader) })
  const story: ShutdownStory = new ShutdownStory({
    hooks,
    grace,
    cutoff,
    secondSignal: checked.secondSignal,
    now: monotonicNow,
    around: (ended) => ({
      openHandles: ended === 'in progress' || ended === 'process.exit' ? [] : openHandles(threads.holding()),
      orphans: orphans?.found(),
    }),
    foreignListeners: () => foreignListeners(checked.signals, 1),
    publish,
    // Where the process exits by itself it is watched to its last moment: an `exit` listener may block, too.
    watchdog: { ...watchdog, over: async () => (checked.exit === false ? watchdog.over() : undefined) },
    watch: (look, deadline) => {
      const { off, unwatch } = watchExit({ options: checked, threads, story, watchdog, publish, look, deadline })
      offs.push(off)
      return () => {
        unwatch()
        ownPod.over()
      }
    },
    leave: async (exit, report, deadline) => {
      if (checked.exit === false) return takeOff()
      const signal = checked.exit === 'signal' && report.exitCode === 0 ? report.reason.signal : undefined
      await leave(signal ? { ...exit, reraise: signal as NodeJS.Signals } : exit, outputMs(deadline, monotonicNow()))
    },
  })

  const orphans = reapOrphans(story.stopping.signal)
  offs.push(() => orphans?.stop())

  // Every job in flight may listen to them; Node warns from eleven.
  setMaxListeners(0, cutoff.signal, story.stopping.signal, story.preStopOver.signal)
  // With `exit: false` the service goes on, and whoever is told that it stops kills it.
  if (!inThread && checked.exit !== false) offs.push(tellSystemd(story.stopping.signal, () => story.goneInMs))
  const add = (hook: Hook, before: readonly string[] = []): (() => void) => {
    if (isDisposed) throw disposedError(`hook "${hook.name}" cannot be registered`)
    hooks.add(hook, before)
    story.join(hook)
    return () => {
      hooks.remove(hook)
      story.forget(hook)
    }
  }
  // A second signal tells all hooks in one go.
  const cut = (): void => (story.isForced ? cutoff.abort() : cutoff.abortSoon())
  const track = createTrack(cutoff.signal, cut, add)
  const ownPod = joinOwnPod({ plan: checked.pod, story, hooks, add, grace })
  const lameDuck = setLameDuck({
    ...{ options: checked.lameDuck, story, add, deletionStartedAt: () => ownPod.deletionStartedAt() },
    ...{ isReady: () => probes.isReady(), isOurProbe: (url) => probes.paths.has(url) },
  })
  const servers: Servers = new Servers({ add, stopping: story.stopping.signal, cut, lameDuck })
  offs.push(
    () => servers.dispose(),
    () => lameDuck?.stop(),
  )
  const consumers = new Consumers({ add, stopping: story.stopping.signal, cut, goneInMs: () => story.goneInMs })
  const { children, readTrees } = joinChildren({
    story,
    add,
    graceSeconds: afterPreStop(grace).seconds,
    guard: checked.guard,
    isDisposed: () => isDisposed,
  })
  const refuse = (what: string): void => {
    if (isDisposed) throw disposedError(what)
  }
  const parts = { hooks, servers, children, consumers, cutoff: cutoff.signal, deleted: () => ownPod.deleted() }
  const { probes, methods }: JoinedProbes = joinProbes({ options: checked, story, ...parts, refuse })
  offs.push(() => probes.dispose())

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
      const closer = findCloser(name, thing, otherVerb)
      const phase = options.phase ?? closer.defaultPhase ?? about.phase
      return add({ ...about, name, phase, how: closer.how, run: (context) => closeResource(closer, context) })
    },
    track,
    server: (thing, options = {}) => {
      if (isDisposed) throw disposedError('a server cannot be registered')
      return servers.add(thing, options)
    },
    longLived,
    consumer: (name, thing, options = {}) => {
      if (isDisposed) throw disposedError(`consumer "${name}" cannot be registered`)
      return consumers.add(name, thing, options)
    },
    supervise: (name, command, options = {}) => {
      if (isDisposed) throw disposedError(`child "${name}" cannot be supervised`)
      return children.supervise(name, command, options)
    },
    adopt: (name, thing, options = {}) => {
      if (isDisposed) throw disposedError(`child "${name}" cannot be adopted`)
      const adopted = children.adopt(name, thing, options)
      if (adopted.kind === 'cluster') offs.push(servers.addCluster(name, thing as Cluster))
      return adopted
    },
    ...methods,
    begin: (reason) => {
      // `instanceof` alone knows no error of another realm, and in Jest each test file is one.
      const given: unknown = reason
      const error = given instanceof Error || types.isNativeError(given) ? given : undefined
      if (reason !== undefined && typeof reason !== 'string' && error === undefined) {
        throw new LastcallError(
          'ERR_LASTCALL_OPTION',
          `begin takes a reason, a string or an Error, got ${show(reason)}. Write begin('maintenance').`,
        )
      }
      if (isDisposed && story.state === 'running') throw disposedError('it cannot begin')
      if (error !== undefined) story.error(error)
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

  setParts(shutdown, {
    addPart: (name, run, { findings, ...options }) =>
      void add({ ...checkHook('part', name, run, options, ['phase', 'after', 'timeoutMs']), findings }),
    beginWith: (reason) => story.begin(reason),
  })
  register({ shutdown, options: { ...options }, calledAt: callSite(createShutdown), version, leaves: watchdog.leaves })
  offs.push(beginFromOutside(story, checked, cutoff.signal), () => void watchdog.over())
  watchdog.start()
  return shutdown
}

function disposedError(what: string): LastcallError {
  return new LastcallError(
    'ERR_LASTCALL_DISPOSED',
    `${what}: this shutdown is over or was disposed. Call createShutdown() for a new one.`,
  )
}
