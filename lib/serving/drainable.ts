import type { ConnectionEnd } from '../hooks/traffic-report.ts'
import type { Wire } from './lame-duck/wire.ts'

/** A server as drain sees it: what ends its listener, finishes what is in flight, and cuts the rest at the limit. */
export interface Drainable {
  /** As the report names it: `http`, `https`, `http2`, `net`, `tls`, `ws`, `socket.io`, `grpc`. */
  readonly kind: string
  /** Where it listens now; null where it does not. */
  address(): string | null
  /**
   * Called once, at drain's begin; it may listen or not, and may have been closed by the app. Resolves when nothing of it
   * is open. When `limit` aborts it cuts what is left and counts it, and resolves within a few milliseconds.
   */
  drain(context: DrainContext): Promise<void>
  /**
   * Called at the shutdown's first moment, while the process serves on: servers inside that came since are known from then
   * on, and watched. Absent where none can come.
   */
  lookInside?(): void
  /** What went wrong, for the verdict: asked when it is drained. */
  faults?(): readonly string[]
  /** The servers of Node that are its own, for whoever watches who sends; those inside others have theirs. */
  wires?(): readonly Wire[]
  /** Closes what stands around the server, in the phase `close`: an app whose own hooks close what requests used. */
  readonly closeLater?: () => Promise<unknown>
  /** It is taken off, or the shutdown is disposed of: every listener of ours goes, and what was changed is as before. */
  release?(): void
}

/** What a server is drained with. */
export interface DrainContext {
  /** Aborts when what is still in flight is to be cut: at once, since only moments are left. */
  readonly limit: AbortSignal
  /** Milliseconds until `limit` aborts, on the monotonic clock. */
  remainingMs(): number
  readonly counts: ServerCounts
  readonly options: DrainOptions
}

/** How a server ends. */
export interface DrainOptions {
  /**
   * How long an idle connection stays open in drain, in milliseconds: a request may be on its way, and HTTP/1 has no word
   * to tell a client of its end without an answer.
   * @default 500 where requests came in the moment before, else 100
   */
  readonly idleMs?: number
  /**
   * What WebSocket clients read beside 1001 in their close frame; at most 123 bytes.
   * @default 'going away'
   */
  readonly closeReason?: string
}

/** Counts what becomes of requests and connections while drain runs. */
export class ServerCounts {
  finished = 0
  cut = 0
  refusedLate = 0
  readonly connections: { [End in ConnectionEnd]?: number } = {}

  connection(end: ConnectionEnd, count = 1): void {
    if (count > 0) this.connections[end] = (this.connections[end] ?? 0) + count
  }
}
