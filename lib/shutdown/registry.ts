import { EventEmitter } from 'node:events'

/** What a process keeps of its one shutdown. Plain data and functions: another version of lastcall may read it. */
export interface Registered {
  readonly shutdown: object
  readonly options: Readonly<Record<string, unknown>>
  /** File and line of the call that created it. */
  readonly calledAt: string
  /** Of the lastcall that created it; absent in builds from before this was kept. Never compared, only told. */
  readonly version?: string
  /** Asked by its watchdog, before that has the main thread end the process. */
  readonly leaves?: () => boolean
}

/** Jest's contexts share core modules, but neither globalThis nor process: so it hangs on a core module's class. */
const KEY = Symbol.for('lastcall.v1')
const holder = EventEmitter as unknown as { [KEY]?: Registered | undefined }

export function registered(): Registered | undefined {
  return holder[KEY]
}

export function register(entry: Registered): void {
  Object.defineProperty(holder, KEY, { value: entry, configurable: true, enumerable: false, writable: true })
}

export function unregister(shutdown: object): void {
  if (holder[KEY]?.shutdown === shutdown) delete holder[KEY]
}

/** File and line of the call of `called`, for the error of a second call that differs. */
export function callSite(called: (...args: never[]) => unknown): string {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, called)
  const frame = holder.stack?.split('\n')[1]?.trim() ?? ''
  return /\(?((?:file:\/\/)?[^()\s]+:\d+:\d+)\)?$/.exec(frame)?.[1] ?? 'an unknown place'
}
