/** The five steps of a shutdown, in the order in which they run. */
export const PHASES = ['preStop', 'drain', 'children', 'close', 'flush'] as const

/**
 * A step of the shutdown: `preStop` takes leave, `drain` finishes what is in flight, `children` stops child processes,
 * `close` closes pools, brokers and files, `flush` delivers logs, traces and metrics.
 */
export type Phase = (typeof PHASES)[number]
