import { survivorsOf } from '../../children/child-findings.ts'
import type { Findings } from '../../hooks/findings.ts'
import type { HookContext } from '../../hooks/hook.ts'
import { Members } from '../../process-tree/members.ts'
import type { ProcessId } from '../../process-tree/process-id.ts'
import { stopTree } from '../../process-tree/stop/stop.ts'
import type { StopResult } from '../../process-tree/stop/stop-result.ts'
import type { OwnNamespace } from '../init/own-namespace.ts'

/**
 * As PID 1 everything below it is ours, also what hid from its command's tree, or ran here before we did. Its turn comes
 * when the commands have gone: until then it cannot be told from them.
 */
export class LeftBehind {
  readonly #self: ProcessId
  readonly #namespace: OwnNamespace
  #result: StopResult | undefined

  constructor(self: ProcessId, namespace: OwnNamespace) {
    this.#self = self
    this.#namespace = namespace
  }

  async stop({ signal, remainingMs }: HookContext): Promise<void> {
    const everybody = new Members(this.#self, { ownGroup: false, ancestor: this.#namespace.pidOne })
    this.#result = await stopTree(everybody, { signal: 'SIGTERM', timeoutMs: remainingMs(), kill: signal })
  }

  findings(): Findings {
    const { init } = this.#namespace
    const orphans = init && { orphans: { reapedBy: init } }
    if (!this.#result) return { ...orphans }
    const { killed } = this.#result
    return {
      ...orphans,
      survivors: survivorsOf(this.#result),
      faults: killed > 0 ? [`${killed} ${killed === 1 ? 'process' : 'processes'} left behind had to be killed`] : [],
    }
  }
}
