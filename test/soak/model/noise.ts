/**
 * What a busy machine may add, in milliseconds, to any time that is measured from outside: many shutdowns run side by
 * side, and each process waits for a core.
 */
export const NOISE_MS = 700

/** Between two readings of a clock in the same process. */
export const READING_MS = 200
