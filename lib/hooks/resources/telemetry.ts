import { callAndWait } from './call-and-wait.ts'
import type { Shape } from './shape.ts'
import { call, can, has, hidden, inside, isThing, member, oneOf, type Thing, things } from './thing.ts'

const pinoLogger: Shape = {
  what: 'pino logger',
  how: 'logger.flush()',
  defaultPhase: 'flush',
  looksLike: (logger) => can(logger, 'flush', 'child', 'bindings'),
  // It stays open: the report may still go through it, and pino ends its transports when the process exits.
  close: async (logger) => {
    await callAndWait(logger, 'flush')
    await written(hidden(logger, 'pino.stream'))
  },
}

/** flush() of a destination without a minimum length calls back at once, whatever is being written. */
async function written(stream: unknown): Promise<void> {
  if (!isThing(stream)) return
  await Promise.all(things(inside(stream, 'streams')).map((entry) => written(member(entry, 'stream'))))
  if (inside(stream, '_writing') === true && !inside(stream, 'sync')) await oneOf(stream, 'drain', 'close', 'error')
}

const pinoDestination: Shape = {
  what: 'pino.destination(), pino.transport()',
  how: 'stream.end()',
  defaultPhase: 'flush',
  looksLike: (stream) => can(stream, 'flush', 'flushSync', 'end', 'on') && !has(stream, '_writableState'),
  close: async (stream) => {
    if (inside(stream, 'destroyed') === true) return
    const closed = oneOf(stream, 'close', 'error')
    call(stream, 'end')
    await closed
  },
}

const winston: Shape = {
  what: 'winston logger',
  how: 'logger.end()',
  defaultPhase: 'flush',
  looksLike: (logger) => can(logger, 'log', 'configure', 'end', 'on') && has(logger, 'transports', '_writableState'),
  close: (logger) =>
    new Promise<void>((resolve, reject) => {
      if (inside(logger, '_writableState', 'finished') === true) return resolve()
      // It stays: who logs after the end must not end the process by an error event. The line is lost, and that is all.
      call(logger, 'on', 'error', (error: unknown) => {
        if (inside(error, 'code') !== 'ERR_STREAM_WRITE_AFTER_END') reject(error)
      })
      call(logger, 'on', 'finish', resolve)
      call(logger, 'end')
    }),
}

// By specification shutdown() has the effect of forceFlush(); calling both would export metrics twice.
const openTelemetry: Shape = {
  what: 'OpenTelemetry SDK, provider, processor, reader',
  how: 'shutdown()',
  defaultPhase: 'flush',
  looksLike: (sdk) => can(sdk, 'shutdown') && (can(sdk, 'forceFlush') || isNodeSdk(sdk)),
  close: (sdk) => call(sdk, 'shutdown'),
}

function isNodeSdk(sdk: Thing): boolean {
  return can(sdk, 'start') && (has(sdk, '_instrumentations') || has(sdk, '_resource'))
}

/** Loggers and telemetry: they belong to the phase `flush`, after what they tell about. */
export const TELEMETRY: readonly Shape[] = [pinoLogger, pinoDestination, winston, openTelemetry]
