/** A program as teams start it, and what must be true of its end. */
export interface Tree {
  /** As the page shows it: `bash → server`. */
  readonly name: string
  /** Who is told, and why. */
  readonly told: string
  /** Run in a folder of its own that holds the servers of `servers/` and `files`. */
  readonly command: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  /** Programs without which it is skipped, beyond those that every Debian and Node has. */
  readonly needs?: readonly string[]
  /** It changes to another user, or asks for more than an ordinary one has. */
  readonly root?: boolean
  /** Options of `lastcall run`. */
  readonly options?: readonly string[]
  /** Texts that `events.log` holds once the tree is up. @default ['a ready'] */
  readonly ready?: readonly string[]
  /** Done in its folder before the start. */
  readonly prepare?: (folder: string) => Promise<void>
  /** A request under way at the stop, to this socket in its folder; it must end whole. */
  readonly request?: { readonly socket: string; readonly path: string; readonly bytes: number }
  readonly expect: Expectation
}

export interface Expectation {
  /** Of the command itself: what it returns when nothing is lost. */
  readonly code: number
  /** Names of servers: each of them that said ready ends its cleanup. @default ['a'] */
  readonly cleaned?: readonly string[]
  /** Texts in `events.log`, in this order. */
  readonly order?: readonly string[]
  /** Texts that `events.log` holds exactly once. */
  readonly once?: readonly string[]
  /** Texts that `events.log` never holds. */
  readonly never?: readonly string[]
  /** File in its folder → a text that it holds at the end. */
  readonly kept?: Readonly<Record<string, string>>
  /** Servers that are told twice, where the tree itself tells what we told. */
  readonly toldTwice?: readonly string[]
  /** How long the stop took where it was first measured; the limit is three times that and a second. */
  readonly ms: number
}
