import type { HookContext } from '../../lib/hooks/hook.ts'

/** What a hook is called with, and the end of its time when the test says so. */
export function hookContext(): { readonly context: HookContext; readonly reachLimit: () => void } {
  const limit = new AbortController()
  const context: HookContext = {
    signal: limit.signal,
    deadline: new Date(Date.now() + 60_000),
    remainingMs: () => 60_000,
    reason: { kind: 'call' },
  }
  return { context, reachLimit: () => limit.abort(new DOMException('the hook had its time', 'TimeoutError')) }
}
