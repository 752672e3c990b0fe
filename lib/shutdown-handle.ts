import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { AdoptOptions } from './children/adopt/adopt-options.ts'
import type { Adopted } from './children/adopt/adopted.ts'
import type { Child } from './children/child.ts'
import type { SuperviseOptions } from './children/plan/child-options.ts'
import type { HookFunction, HookOptions, PreStopOptions } from './hooks/hook.ts'
import type {
  CheckFunction,
  CheckOptions,
  ProbeHandler,
  ProbeServer,
  ProbeServerOptions,
  ProbesOptions,
} from './probes/probe-options.ts'
import type { Report } from './report/report.ts'
import type { OnStopping } from './serving/long-lived.ts'
import type { ServerOptions } from './serving/server-options.ts'
import type { ConsumerOptions } from './work/consumer.ts'
import type { Track } from './work/track.ts'
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
   * drain is `report.tracked.undone`, and the exit code says so. A promise is returned as it is, and its failure counts
   * as handled; of a function the promise that is returned is the one to handle.
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is neither a promise nor a function
   */
  readonly track: Track
  /**
   * Drains a server: its listener ends, requests in flight finish, idle connections end, and what is left at the end of
   * drain is cut and counted. Before or after `listen`. Returns what takes it off; the same server again changes nothing.
   * @throws {LastcallError} ERR_LASTCALL_SERVER when it is none; ERR_LASTCALL_OPTION, ERR_LASTCALL_DUPLICATE, ERR_LASTCALL_DISPOSED
   */
  server(thing: object, options?: ServerOptions): () => void
  /**
   * Says that a response never ends by itself, so that drain ends it at its begin and does not wait: long downloads of a
   * log, pictures of a camera. Event streams that answer a GET are known without. `onStopping` may write a last word, and
   * has a quarter of drain for it; then the response is ended, and counted in `connections.eventStreams`.
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is no response
   */
  longLived(response: ServerResponse | Http2ServerResponse, onStopping?: OnStopping): void
  /**
   * Stops what fetches work by itself: a worker of BullMQ, graphile-worker or pg-boss, a consumer of a broker, a scheduler,
   * or `{ stop, force }`. It takes nothing new from the first moment on, finishes in drain, and what still runs at the
   * limit goes back to its queue: `report.consumers[n].handedBack`. Returns what takes it off; the same thing again changes
   * nothing.
   * @throws {LastcallError} ERR_LASTCALL_CONSUMER when it is none; ERR_LASTCALL_OPTION, ERR_LASTCALL_DUPLICATE, ERR_LASTCALL_AFTER, ERR_LASTCALL_CYCLE, ERR_LASTCALL_DISPOSED
   */
  consumer(name: string, thing: object, options?: ConsumerOptions): () => void
  /**
   * Starts a program and owns its life: restarts, readiness, its whole tree, its end in the phase `children`.
   * @throws {LastcallError} ERR_LASTCALL_OPTION, ERR_LASTCALL_SIGNAL, ERR_LASTCALL_DUPLICATE, ERR_LASTCALL_AFTER, ERR_LASTCALL_STOPPING, ERR_LASTCALL_DISPOSED
   */
  supervise(name: string, command: readonly string[] | string, options?: SuperviseOptions): Child
  /**
   * Takes over the end of what somebody else started: a ChildProcess, also of execa, a cluster worker, the whole cluster
   * (the module `node:cluster`), a worker thread, a piscina or tinypool pool. It stops in the phase `children`.
   * @throws {LastcallError} ERR_LASTCALL_OPTION, ERR_LASTCALL_SIGNAL, ERR_LASTCALL_PROCESS, ERR_LASTCALL_DUPLICATE, ERR_LASTCALL_AFTER, ERR_LASTCALL_CYCLE, ERR_LASTCALL_STOPPING, ERR_LASTCALL_DISPOSED
   */
  adopt(name: string, thing: object, options?: AdoptOptions): Adopted
  /**
   * Answers `/livez`, `/readyz` and `/startupz` in an app of any kind: `app.use(shutdown.probes())`, or
   * `if (probes(request, response)) return`. What is no probe goes on to `next`. `/prestop` needs a secret here.
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  probes(options?: ProbesOptions): ProbeHandler
  /**
   * The same on a port of its own, `/prestop` too, to the last moment of the process, which it does not keep alive. Where
   * the port is in use, `listening` rejects with ERR_LASTCALL_LISTEN; nobody takes that: the process ends.
   * @throws {LastcallError} ERR_LASTCALL_OPTION, ERR_LASTCALL_DISPOSED
   */
  probeServer(options: ProbeServerOptions): ProbeServer
  /**
   * What `/readyz` asks before it says yes: only `true` is one. Returns what takes it off. Not asked while stopping.
   * @throws {LastcallError} ERR_LASTCALL_OPTION, ERR_LASTCALL_DUPLICATE, ERR_LASTCALL_DISPOSED
   */
  check(name: string, run: CheckFunction, options?: CheckOptions): () => void
  /**
   * `/readyz` answers 503 with this reason, until `ready()` is called. `/startupz` stays as it is.
   * @throws {LastcallError} ERR_LASTCALL_OPTION when the reason is not a string of one line
   */
  notReady(reason: string): void
  /**
   * Says that the start is over: `/startupz` and `/readyz` may answer 200, and every name in an `after` must exist now.
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

/** @internal What can be called by name; a method that is missing here does not compile. */
const METHODS: Record<Exclude<keyof Shutdown, symbol | 'stopping' | 'cutoff' | 'state'>, true> = {
  hook: true,
  preStop: true,
  resource: true,
  track: true,
  server: true,
  longLived: true,
  consumer: true,
  supervise: true,
  adopt: true,
  probes: true,
  probeServer: true,
  check: true,
  notReady: true,
  ready: true,
  begin: true,
  dispose: true,
}

/** @internal */
export const methodNames: readonly string[] = Object.keys(METHODS)
