import type { Findings } from '../hooks/findings.ts'
import type { HookFunction, HookOptions } from '../hooks/hook.ts'
import type { Reason } from '../hooks/reason.ts'
import type { Report } from '../report/report.ts'
import type { Shutdown } from '../shutdown-handle.ts'

/** @internal What `lastcall run` adds to a shutdown: a hook that counts, and a reason of its own. */
export interface Parts {
  addPart(name: string, run: HookFunction, options: HookOptions & { findings: () => Findings }): void
  beginWith(reason: Reason): Promise<Report>
}

const parts = new WeakMap<Shutdown, Parts>()

/** @internal */
export function setParts(shutdown: Shutdown, its: Parts): void {
  parts.set(shutdown, its)
}

/** @internal */
export function partsOf(shutdown: Shutdown): Parts {
  const found = parts.get(shutdown)
  if (!found) throw new Error('not a shutdown of this copy of lastcall')
  return found
}
