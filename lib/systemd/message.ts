/** More often than this nobody needs to hear it. */
const LONGEST_PAUSE_MS = 10_000
const SHORTEST_PAUSE_MS = 500

/**
 * What systemd-notify is called with: that we stop, and until when a further message, or our end, will come. That never
 * shortens a TimeoutStopSec. Assignments instead of `--stopping`, which came with systemd 253 only.
 * @see https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html EXTEND_TIMEOUT_USEC since 236
 */
export function stoppingMessage(leftMs: number): string[] {
  return ['STOPPING=1', `EXTEND_TIMEOUT_USEC=${Math.max(0, Math.round(leftMs)) * 1_000}`]
}

/**
 * When to say it again, in milliseconds. One message covers all of the time that is left; the others are for one that got
 * lost, and for a deadline that has come nearer.
 */
export function extensionAfterMs(leftMs: number): number {
  return Math.max(SHORTEST_PAUSE_MS, Math.min(LONGEST_PAUSE_MS, leftMs / 3))
}
