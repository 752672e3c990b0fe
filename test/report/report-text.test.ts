import * as assert from 'uvu/assert'
import type { LameDuckReport } from '../../lib/hooks/traffic-report.ts'
import { errorText } from '../../lib/report/build-report.ts'
import { oneLine } from '../../lib/report/one-line.ts'
import { reportLine, reportText } from '../../lib/report/report-text.ts'
import { test } from '../support/suite.ts'
import { hook, sampleLameDuck, sampleReport, unclean } from './sample-report.ts'

test('the line of a clean shutdown is short', () => {
  assert.is(reportLine(sampleReport()), 'lastcall: clean: SIGTERM, done in 1.2 s of 30 s; 3 hooks, exit code 0')
})

test('the line says how long the lame duck took and why, where there was one', () => {
  const line = (changes: Partial<LameDuckReport>) => reportLine(sampleReport({ lameDuck: sampleLameDuck(changes) }))
  assert.match(line({}), '; lame duck 4.6 s (of 10 s: 3 sources, all silent), 3 hooks, exit code 0')
  assert.not.match(line({ ended: 'skipped', why: 'nothing was serving' }), 'lame duck')
})

test('an error is told with its cause', () => {
  const fetchFailed = new TypeError('fetch failed', {
    cause: Object.assign(new AggregateError([]), { code: 'EREFUSED' }),
  })
  assert.is(errorText(fetchFailed).message, 'fetch failed (EREFUSED)')
  assert.is(errorText(new Error('no: because', { cause: new Error('because') })).message, 'no: because')
  assert.is(errorText(new Error('no', { cause: 7 })).message, 'no')
})

test('the line of an unclean one has the verdict first, then what began it and what it took', () => {
  const report = unclean({
    hooks: [hook('http', 'drain', 0, 5), hook('postgres', 'close', 5, 2_900, { outcome: 'timed out', limitMs: 2_900 })],
    tracked: { finished: 1_200, undone: 0 },
  })
  assert.is(
    reportLine(report),
    'lastcall: unclean: hook postgres (close) timed out after 2.9 s; SIGTERM began it, 1.2 s of 30 s, ' +
      '1 of 2 hooks done, 1,200 tracked tasks finished, exit code 1',
  )
})

test('the line stays one line of at most 2,048 bytes, whatever its parts say', () => {
  const faults = [`first\r\nsecond\u2028third${'ü'.repeat(3_000)}`, '👩‍🚀'.repeat(2_000), '\u001b[2J\u0000']
  const report = { ...unclean({ faults }), verdict: `unclean: ${faults.join('; ')}` }
  const line = reportLine(report)
  assert.ok(Buffer.byteLength(line) <= 2_048, `${Buffer.byteLength(line)} bytes`)
  assert.not.match(line, /[\p{Cc}\u2028\ufffd]/u)
  assert.match(line, /^lastcall: unclean: first second third/)
  assert.ok(line.endsWith('…'))
})

test('a text is cut between characters, never within one', () => {
  for (let bytes = 4; bytes < 30; bytes++) {
    const cut = oneLine('aé€😀'.repeat(10), bytes)
    assert.ok(Buffer.byteLength(cut) <= bytes)
    assert.is(Buffer.from(cut).toString(), cut)
    assert.ok('aé€😀'.repeat(10).startsWith(cut.slice(0, -1)))
  }
  assert.is(oneLine('12345678', 8), '12345678')
})

test('the text for people has the stack of a foreign process.exit', () => {
  const exitedBy = { code: 0, at: '/app/a.js:1:2', stack: 'at stop (/app/a.js:1:2)\nat main (/app/b.js:3:4)' }
  assert.match(
    reportText(unclean({ ended: 'process.exit', exitedBy })),
    '\n  process.exit(0) called\n    at stop (/app/a.js:1:2)\n    at main (/app/b.js:3:4)\n  preStop ',
  )
})

test('the text for people has every phase, hook, child, survivor, signal and handle', () => {
  const text = reportText(
    unclean({
      hooks: [
        hook('redis', 'close', 0, 20, { how: 'client.quit()', late: true }),
        hook('postgres', 'close', 0, 2_900, { outcome: 'timed out', limitMs: 2_900 }),
        hook('kafka', 'drain', 0, 3, { outcome: 'failed', error: { message: 'no broker' } }),
      ],
      tracked: { finished: 5, undone: 1 },
      children: [{ name: 'resize', pid: 12, code: null, signal: 'SIGKILL', told: [], killed: 2, durationMs: 800 }],
      survivors: [{ pid: 13, name: 'sudo', why: 'no rights to signal it' }],
      faults: ['a fault'],
      errors: [{ message: 'boom', atMs: 3 }],
      foreignListeners: [{ signal: 'SIGINT', count: 2, names: ['nest'] }],
      openHandles: ['timer × 3'],
    }),
  )
  const lines = text.split('\n').slice(1)
  assert.equal(lines, [
    '  SIGTERM began it at 2026-02-03T04:05:06.789Z; 1.2 s of 30 s (option); exit code 1',
    '  preStop   done, 0 ms',
    '  drain     done, 700 ms',
    '    kafka: failed, 3 ms: no broker',
    '  children  done, 0 ms',
    '  close     done, 400 ms',
    '    redis: done, 20 ms, client.quit(), registered late',
    '    postgres: timed out, 2.9 s of 2.9 s',
    '  flush     done, 100 ms',
    '  tracked: 5 finished, 1 left undone',
    '  child resize (pid 12): SIGKILL after 800 ms, 0 told, 2 killed',
    '  survived: pid 13 (sudo): no rights to signal it',
    '  fault: a fault',
    '  SIGTERM at 0 ms: began',
    '  error at 3 ms: boom',
    '  2 other listeners of SIGINT (nest)',
    '  still open: timer × 3',
  ])
})

test('what the API server said of our own pod is one line, with the reason where it said nothing', () => {
  const who = { namespace: 'shop', name: 'cart-1' }
  const event = { outcome: 'forbidden', why: 'HTTP 403: no', tookMs: 9 } as const
  const pod = { ...who, outcome: 'answered', tookMs: 43, reckonedFrom: 'spec', event } as const
  assert.match(
    reportText(sampleReport({ pod })),
    /^ {2}pod shop\/cart-1: answered, 43 ms, SIGKILL reckoned from spec; event: forbidden \(HTTP 403: no\)$/m,
  )
  const outside = { outcome: 'failed', why: 'this is no cluster', tookMs: 0 } as const
  assert.match(reportText(sampleReport({ pod: outside })), /^ {2}own pod: failed \(this is no cluster\), 0 ms$/m)
})
