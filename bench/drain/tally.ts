/** What a client saw of one request, or of the connection that it was for. */
export type Seen =
  /** A whole answer. */
  | 'answered'
  /** No answer, or half of one, on a connection that the kernel had accepted. */
  | 'lost'
  /** ECONNREFUSED, or an HTTP/2 stream that was refused: safe to repeat elsewhere. */
  | 'refused'
  /** A SYN that nobody answered; its repetition was refused. */
  | 'dropped'

/** Counts what the clients of one round saw. */
export class Tally {
  answered = 0
  lost = 0
  refused = 0
  dropped = 0
  /** Connections without a request that ended by a reset instead of an end: no request is lost by it. */
  resets = 0
  /** What was lost, in words, each with how often. */
  readonly losses = new Map<string, number>()

  count(seen: Seen, many = 1): void {
    this[seen] += many
  }

  /** `why` says where the request was; the same words are counted together. */
  lose(why: string, many = 1): void {
    this.count('lost', many)
    this.losses.set(why, (this.losses.get(why) ?? 0) + many)
  }

  /** Begins to count what is lost anew; returns how much it was. */
  forgetLost(): number {
    const { lost } = this
    this.lost = 0
    this.losses.clear()
    return lost
  }
}
