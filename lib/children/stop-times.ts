/** Outside a shutdown nobody sets a limit to `stop()`: that of systemd would be 90 s, of s6 none. In milliseconds. */
export const STOP_MS = 10_000

/** What a child that ended by itself left behind gets to clean up before it is killed, in milliseconds. */
export const LEFTOVERS_MS = 5_000
