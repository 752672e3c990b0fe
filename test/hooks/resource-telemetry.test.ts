import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type logs, metrics, NodeSDK, node, tracing } from '@opentelemetry/sdk-node'
import pino from 'pino'
import * as assert from 'uvu/assert'
import winston from 'winston'
import { closeResource, findCloser } from '../../lib/hooks/resource.ts'
import { hookContext } from '../support/hook-context.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const LINES = 2_000
const close = (thing: unknown) => closeResource(findCloser('thing', thing), hookContext().context)
const lines = (file: string): number => readFileSync(file, 'utf8').split('\n').length - 1

test('loggers and telemetry belong to the phase flush unless told otherwise', () => {
  const things = [
    pino({ enabled: false }),
    winston.createLogger({ silent: true }),
    new node.NodeTracerProvider(),
    new metrics.MeterProvider(),
    new NodeSDK(),
  ]
  for (const thing of things) assert.is(findCloser('thing', thing).defaultPhase, 'flush')
})

test('every line of a pino logger has been written, and it can still log', async (t) => {
  const file = join(folder(t), 'log')
  for (const options of [{ sync: false }, { sync: false, minLength: 4_096 }, { sync: true }]) {
    const destination = pino.destination({ dest: file, append: false, ...options })
    const logger = pino({}, destination)
    for (let i = 0; i < LINES; i++) logger.info(i)
    await close(logger)
    assert.is(lines(file), LINES, JSON.stringify(options))
    logger.info('the report')
    await close(destination)
    assert.is(lines(file), LINES + 1, JSON.stringify(options))
    await close(destination)
    await close(logger)
  }
})

test('every line of a pino logger with several streams has been written', async (t) => {
  const place = folder(t)
  const files = [join(place, 'a'), join(place, 'b')]
  const streams = files.map((dest) => ({ stream: pino.destination({ dest, sync: false }) }))
  const logger = pino({}, pino.multistream(streams))
  for (let i = 0; i < LINES; i++) logger.info(i)
  await close(logger)
  assert.equal(files.map(lines), [LINES, LINES])
  for (const { stream } of streams) stream.end()
})

test('every line of a pino logger with a transport in a thread has been written', async (t) => {
  const file = join(folder(t), 'log')
  const transport = pino.transport({ target: 'pino/file', options: { destination: file } })
  const logger = pino({}, transport)
  for (let i = 0; i < LINES; i++) logger.info(i)
  await close(logger)
  await close(transport)
  await until(
    'the thread has written',
    () => lines(file),
    (seen) => seen === LINES,
  )
})

test('every line of a winston logger has been written, and a later one is lost without harm', async (t) => {
  const file = join(folder(t), 'log')
  const logger = winston.createLogger({ transports: [new winston.transports.File({ filename: file })] })
  for (let i = 0; i < LINES; i++) logger.info(String(i))
  const closing = close(logger)
  logger.info('too late')
  await closing
  assert.is(lines(file), LINES)
  logger.info('much too late')
  await close(logger)
  assert.is(lines(file), LINES)
})

test('spans, metrics and log records that wait for their batch are exported', async () => {
  const spans: string[] = []
  const measured: string[] = []
  const exporter = collector((span: { name: string }) => spans.push(span.name))
  const reader = new metrics.PeriodicExportingMetricReader({
    exporter: collector((batch: metrics.ResourceMetrics) => {
      for (const scope of batch.scopeMetrics) for (const metric of scope.metrics) measured.push(metric.descriptor.name)
    }) as unknown as metrics.PushMetricExporter,
  })
  const tracer = new node.NodeTracerProvider({
    spanProcessors: [new tracing.BatchSpanProcessor(exporter as unknown as tracing.SpanExporter)],
  })
  const meter = new metrics.MeterProvider({ readers: [reader] })
  tracer.getTracer('test').startSpan('the last request').end()
  meter.getMeter('test').createCounter('requests').add(1)
  await close(tracer)
  await close(meter)
  assert.equal([spans, measured], [['the last request'], ['requests']])
  await close(tracer)
  await close(meter)
})

test('a NodeSDK is shut down with all that it started', async () => {
  const spans: string[] = []
  const exporter = collector((span: { name: string }) => spans.push(span.name))
  const sdk = new NodeSDK({
    spanProcessors: [new tracing.BatchSpanProcessor(exporter as unknown as tracing.SpanExporter)],
    metricReaders: [],
    logRecordProcessors: [] as logs.LogRecordProcessor[],
    autoDetectResources: false,
  })
  sdk.start()
  const { api } = await import('@opentelemetry/sdk-node')
  api.trace.getTracer('test').startSpan('the last request').end()
  await close(sdk)
  assert.equal(spans, ['the last request'])
})

/** An exporter that hands on what it gets. */
function collector<T>(take: (item: T) => unknown) {
  return {
    export: (items: T | T[], done: (result: { code: number }) => void) => {
      for (const item of Array.isArray(items) ? items : [items]) take(item)
      setImmediate(() => done({ code: 0 }))
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  }
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'lastcall-telemetry-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}
