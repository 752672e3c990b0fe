import type { ChildProcess } from 'node:child_process'
import { deadlineMessage } from '../../clock/deadline-message.ts'
import { hrtime } from '../../real-time.ts'

/**
 * Says by IPC that SIGKILL comes in `leftMs`, to a child that we did not start: it has no line of ours. Only to a Node:
 * there an app does not see the message, whoever else holds such a channel would read one that it does not know.
 */
export function tellDeadline(child: ChildProcess, leftMs: number): void {
  if (!child.connected || !/(^|[/\\])node(\.exe)?$/.test(child.spawnfile)) return
  const deadlineNs = hrtime() + BigInt(Math.round(leftMs * 1e6))
  // Without the callback an error of a channel that ends just now would be the child's `error` event.
  child.send(deadlineMessage({ deadlineNs }), () => {})
}
