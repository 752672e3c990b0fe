/** How a server was drained. Counts begin with drain: before it nothing is done for a request, so nothing is counted. */
export interface ServerReport {
  readonly name: string
  /** What it is: `http`, `https`, `http2`, `net`, `tls`, `ws`, `socket.io`, `grpc`, … */
  readonly kind: string
  /** Where it listened when drain began, `127.0.0.1:8080` or a path; null where it did not. */
  readonly address: string | null
  /** Requests, streams and calls that were answered to their end. */
  readonly finished: number
  /** Those whose handler had begun and whose answer was not complete at the limit. They make the shutdown unclean. */
  readonly cut: number
  /** What came when it was too late, and was refused by an answer that lets the client repeat it. */
  readonly refusedLate: number
  /** How its connections ended. */
  readonly connections: ConnectionCounts
}

/** Connections by the way they ended; a kind that did not occur is missing. */
export interface ConnectionCounts {
  /** Their last answer said so. */
  readonly announced?: number
  /** Nothing was in flight: closed without a word. */
  readonly idle?: number
  /** They never sent a byte. */
  readonly silent?: number
  /** The rest of a request never came. */
  readonly halfSent?: number
  /** Their TLS handshake never ended. */
  readonly handshaking?: number
  /** The client did not read its answer until the limit. */
  readonly stalled?: number
  /** By the client, in the middle of a request. */
  readonly left?: number
  /** Told by a close frame. Over HTTP/2 this and the next are streams, beside their session. */
  readonly webSockets?: number
  /** Endless answers, ended. */
  readonly eventStreams?: number
  /** Of another protocol, or of none that we know. */
  readonly upgraded?: number
  /** At the limit. */
  readonly destroyed?: number
}

/** How a connection ended. */
export type ConnectionEnd = keyof ConnectionCounts

/** How a consumer stopped: something that fetches its work by itself. */
export interface ConsumerReport {
  readonly name: string
  /** What it is: `bullmq`, `kafkajs`, `pg-boss`, …; `own` where it was given as `{ stop, force }`. */
  readonly kind: string
  /** Jobs that ended after the shutdown began; null where the library does not tell. */
  readonly finished: number | null
  /**
   * Jobs that were still running at the limit: forced, and left to somebody else; and those that ended, and nobody has
   * written it down. null where nobody tells.
   */
  readonly handedBack: number | null
  /** Whether it had not stopped by itself at the limit. With `handedBack` null, something was left undone. */
  readonly forced: boolean
}

/** How the lame duck went: the time in which the process served on until routing had caught up. */
export interface LameDuckReport {
  /**
   * `quiet`: all that sent had gone; `time`: the evidence was thin, `blockedBy` says why; `limit`: somebody sent to the
   * last; `skipped`: there was none, and `why` says the reason.
   */
  readonly ended: 'quiet' | 'time' | 'limit' | 'skipped'
  /** With `skipped`, and where it was ended before it was over: the reason, in words. */
  readonly why?: string
  /** From the begin to its end. */
  readonly seconds: number
  /** How long it lasts where the evidence is thin, and at the most. */
  readonly planned: number
  readonly ceiling: number
  /** What `seconds` count from: `shutdown`, or the earlier start of the pod's end, `preStop`. */
  readonly beganBy: 'shutdown' | 'preStop'
  /** Addresses that had sent requests: those that spoke for themselves and may send on, those of them that were gone, those too rare to judge. */
  readonly sources: {
    readonly speaking: number
    readonly gone: number
    readonly rare: number
    /** There were more than are kept. */
    readonly overflow: boolean
  }
  /** New connections, requests and probes that came meanwhile. */
  readonly connections: number
  readonly requests: number
  readonly probes: number
  /** Connections from before the begin that nobody could tell to close: idle in a pool, or of another protocol. */
  readonly untoldAtEnd: number
  /** When the last new connection came, in milliseconds since it began; null where none came. */
  readonly lastConnectionMs: number | null
  /** With `time` and `limit`: why it did not end before; null where nothing kept it. */
  readonly blockedBy: 'traffic' | 'young' | 'crowd' | 'speaking' | 'untold' | 'rare' | null
  /** Who was still sending at its end, at most three, the busiest first. */
  readonly stillSending: readonly { readonly address: string; readonly connections: number }[]
}
