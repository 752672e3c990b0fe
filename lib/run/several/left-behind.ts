import { survivorsOf } from '../../children/child-findings.ts'
import type { Findings } from '../../hooks/findings.ts'
import type { HookContext } from '../../hooks/hook.ts'
import { Members } from '../../process-tree/members.ts'
import type { ProcessId } from '../../process-tree/process-id.ts'
import { stopTree } from '../../process-tree/stop/stop.ts'
import type { StopResult } from '../../process-tree/stop/stop-result.ts'

/**
 * As PID 1 everything below us is ours, also what hid from its command's tree, or ran here before we did. Its turn comes
 * when the commands have gone: until then it cannot be told from them.
 */
export class LeftBehind {
  readonly #self: ProcessId
  #result: StopResult | undefined

  constructor(self: ProcessId) {
    this.#self = self
  }

  async stop({ signal, remainingMs }: HookContext): Promise<void> {
    const everybody = new Members(this.#self, { ownGroup: false, ancestor: this.#self })
    this.#result = await stopTree(everybody, { signal: 'SIGTERM', timeoutMs: remainingMs(), kill: signal })
  }

  findings(): Findings {
    if (!this.#result) return {}
    const { killed } = this.#result
    return {
      survivors: survivorsOf(this.#result),
      faults: killed > 0 ? [`${killed} ${killed === 1 ? 'process' : 'processes'} left behind had to be killed`] : [],
    }
  }
}
