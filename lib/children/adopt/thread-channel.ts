/** What a thread's lastcall and whoever adopted the thread say to each other. */
export type ThreadMessage =
  /** The adopter asks whether there is a lastcall. */
  | { readonly lastcall: 'who' }
  /** There is one. */
  | { readonly lastcall: 'here' }
  | { readonly lastcall: 'stop'; readonly limitMs: number }
  | { readonly lastcall: 'stopping' }

/** A channel of its own, so that the app's messages are its own. It holds neither side's event loop. */
export function openThreadChannel(
  threadId: number,
  hears: (message: ThreadMessage) => void,
): { say(message: ThreadMessage): void; close(): void } {
  const { BroadcastChannel } = process.getBuiltinModule('node:worker_threads')
  const channel = new BroadcastChannel(`lastcall:thread:${threadId}`)
  channel.onmessage = (event) => hears((event as unknown as MessageEvent).data as ThreadMessage)
  // Only Node's own has it: the type is the browsers'.
  ;(channel as unknown as { unref(): void }).unref()
  return { say: (message) => channel.postMessage(message), close: () => channel.close() }
}

/**
 * Whether this is a worker thread, without the 2 ms of node:worker_threads: there `process.chdir` is disabled, and says
 * so. @see https://nodejs.org/docs/latest-v20.x/api/worker_threads.html#class-worker
 */
export function inWorkerThread(): boolean {
  if ((process.chdir as { disabled?: boolean }).disabled !== true) return false
  return !process.getBuiltinModule('node:worker_threads').isMainThread
}

/** In a thread: answers whoever adopts it, and stops when told. Returns what ends that. */
export function obeyAdopter(stop: (limitMs: number) => void): () => void {
  const { threadId } = process.getBuiltinModule('node:worker_threads')
  const channel = openThreadChannel(threadId, (message) => {
    if (message.lastcall === 'who') channel.say({ lastcall: 'here' })
    if (message.lastcall !== 'stop') return
    channel.say({ lastcall: 'stopping' })
    stop(message.limitMs)
  })
  channel.say({ lastcall: 'here' })
  return () => channel.close()
}
