/** The paths of the probes; `false` leaves one to the app. */
export interface ProbePaths {
  /**
   * What `/livez` is called here.
   * @default '/livez'
   */
  readonly livez?: string | false
  /**
   * What `/readyz` is called here.
   * @default '/readyz'
   */
  readonly readyz?: string | false
  /**
   * What `/startupz` is called here.
   * @default '/startupz'
   */
  readonly startupz?: string | false
  /**
   * What `/prestop` is called here.
   * @default '/prestop'
   */
  readonly prestop?: string | false
}

/** The options of `probes`; none has to be given. */
export interface ProbesOptions {
  /**
   * Other paths than the usual ones. They are compared as a whole, without the query.
   * @default '/livez', '/readyz', '/startupz', '/prestop'
   * @throws {LastcallError} ERR_LASTCALL_OPTION when one does not begin with a slash, or two are the same
   */
  readonly paths?: ProbePaths
  /**
   * What the header `lastcall-secret` of a request to `/prestop` must hold, at least 16 characters. Given to one, all
   * demand it. Without any `probes()` refuses `/prestop` to everybody, and a `probeServer` takes it from everybody who can
   * reach its port.
   * @default none
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is shorter, given as undefined, or another than before
   */
  readonly prestopSecret?: string
}

/** The options of `probeServer`. */
export interface ProbeServerOptions extends ProbesOptions {
  /**
   * Where it listens; 0 takes a free one.
   * @default has to be given
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a whole number from 0 to 65535
   */
  readonly port: number
  /**
   * The address that it listens on. The kubelet asks at the pod's own address: 127.0.0.1 is out of its reach.
   * @default all addresses, IPv6 and IPv4
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly host?: string
  /**
   * Certificate and key in PEM, for `scheme: HTTPS`. The kubelet checks no certificate.
   * @default plain HTTP
   * @throws {LastcallError} ERR_LASTCALL_OPTION when they do not fit
   */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer }
}

/** The options of `check`; none has to be given. */
export interface CheckOptions {
  /**
   * How long one call may take, in milliseconds. At the limit its `signal` aborts, and it counts as failed.
   * @default 1000
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a number above 0
   */
  readonly timeoutMs?: number
  /**
   * For how long an answer holds, in milliseconds: as often as that, and no more often, the function is called.
   * @default 1000
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a number of at least 0
   */
  readonly cacheMs?: number
}

/** Says whether what it looks at is fit for work; whatever is not `true` says no, and so does an error. */
export type CheckFunction = (context: { readonly signal: AbortSignal }) => boolean | Promise<boolean>

/** Takes a request of Node's http, https or http2, and says whether it was a probe; what was none goes to `next`. */
export type ProbeHandler = (request: ProbeRequest, response: ProbeResponse, next?: (error?: unknown) => void) => boolean

/** What a probe needs of a request. */
export interface ProbeRequest {
  /** `GET`, `HEAD`, `POST`. */
  readonly method?: string | undefined
  /** Path and query. */
  readonly url?: string | undefined
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What a probe needs of a response. */
export interface ProbeResponse {
  /** What it is answered with. */
  statusCode: number
  /** True where somebody else has answered: then nothing is written. */
  readonly headersSent: boolean
  /** Sets a header. */
  setHeader(name: string, value: string | number): unknown
  /** Ends it, with its body. */
  end(body?: string): unknown
  /** Hears of its end, by whichever side. */
  on(event: 'close', listener: () => void): unknown
}

/** A server of probes. */
export interface ProbeServer {
  /** Resolves when it listens, or was closed before that; rejects with ERR_LASTCALL_LISTEN, which ends the process where nobody takes it. */
  readonly listening: Promise<void>
  /** Where it listens; null before that, and when it has been closed. */
  address(): { readonly address: string; readonly family: string; readonly port: number } | null
  /** Closes it, before the end of the process closes it. */
  close(): void
}
