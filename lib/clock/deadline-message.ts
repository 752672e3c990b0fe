import type { DeadlineRecord } from './deadline-record.ts'

/**
 * The same as a record, over an IPC channel. Node emits what begins with `NODE_` as `internalMessage`: no `message`
 * listener of an app sees it, with or without a lastcall.
 */
interface DeadlineMessage {
  readonly cmd: 'NODE_LASTCALL'
  readonly deadlineNs: string
}

export function deadlineMessage({ deadlineNs }: DeadlineRecord): DeadlineMessage {
  return { cmd: 'NODE_LASTCALL', deadlineNs: String(deadlineNs) }
}

export function readDeadlineMessage(message: unknown): DeadlineRecord | undefined {
  const { cmd, deadlineNs } = Object(message) as Partial<DeadlineMessage>
  if (cmd !== 'NODE_LASTCALL' || typeof deadlineNs !== 'string' || !/^\d{1,20}$/.test(deadlineNs)) return undefined
  return { deadlineNs: BigInt(deadlineNs) }
}
