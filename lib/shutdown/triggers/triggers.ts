import type { EventEmitter } from 'node:events'
import { isBrokenOutput } from './broken-output.ts'
import { whenStillEmpty } from './still-empty.ts'

/** Who is told what happened. */
export interface TriggerHandlers {
  readonly signal: (signal: NodeJS.Signals) => void
  readonly error: (error: unknown) => void
  readonly empty: () => void
}

export interface TriggerOptions {
  readonly signals: readonly NodeJS.Signals[]
  /** Signals that begin a shutdown only while nobody else listens to them. */
  readonly yielding: readonly NodeJS.Signals[]
  readonly errors: 'auto' | 'always' | 'never'
}

/** Listens for what may begin a shutdown, and returns what takes every listener off again. */
export function listen(options: TriggerOptions, handlers: TriggerHandlers): () => void {
  const offs: (() => void)[] = []
  const emitter: EventEmitter = process
  const on = (event: string, listener: (value: unknown) => void): void => {
    emitter.on(event, listener)
    offs.push(() => emitter.off(event, listener))
  }
  // Before a library that listened earlier and exits at once: then the shutdown has begun, and the report names it.
  const first = (event: string, listener: () => void): void => {
    emitter.prependListener(event, listener)
    offs.push(() => emitter.off(event, listener))
  }

  for (const signal of options.signals) {
    first(signal, () => {
      if (options.yielding.includes(signal) && process.listenerCount(signal) > 1) return
      handlers.signal(signal)
    })
  }
  if (options.errors !== 'never') {
    // Rejections arrive here too, as `--unhandled-rejections` says.
    on('uncaughtException', (error) => {
      if (isBrokenOutput(error)) return
      if (options.errors === 'auto' && process.listenerCount('uncaughtException') > 1) return
      handlers.error(error)
    })
  }
  // First, to see what is there before the others' listeners run.
  first('beforeExit', () => whenStillEmpty(handlers.empty))
  return () => {
    for (const off of offs) off()
  }
}
