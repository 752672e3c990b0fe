import * as assert from 'uvu/assert'
import { drawTimeline } from '../../lib/report/timeline.ts'
import { test } from '../support/suite.ts'
import { hook, phase, sampleReport, unclean } from './sample-report.ts'

const hung = unclean({
  durationMs: 3_700,
  clock: { terminationGracePeriodSeconds: 5, source: 'option', reserveMs: 500, deadlineMs: 4_500 },
  phases: [
    phase('preStop', 0, 0),
    { ...phase('drain', 0, 600), limitMs: 3_000 },
    phase('children', 600, 0),
    { ...phase('close', 600, 3_000, 'timed out'), limitMs: 3_000 },
    { ...phase('flush', 3_600, 100), limitMs: 900 },
  ],
  hooks: [
    hook('http', 'drain', 0, 600, { limitMs: 3_000 }),
    hook('postgres', 'close', 600, 3_000, { outcome: 'timed out', limitMs: 3_000 }),
    hook('logs', 'flush', 3_600, 100, { limitMs: 900 }),
  ],
})

test('phases and hooks are bars on one scale, with limits, outcomes, deadline and SIGKILL', () => {
  assert.equal(drawTimeline(hung, { width: 100 }), [
    '                      0         1 s       2 s        3 s       4 s       5 s',
    '                      ┼─────────┼─────────┼──────────┼─────────┼─────────┼',
    'drain                 ▒▒▒▒▒▒▒                        ┊                      done, 600 ms',
    '  http                ███████                        ┊                      done, 600 ms',
    'close                       ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒×                timed out, 3 s',
    '  postgres                  ███████████████████████████████×                timed out, 3 s',
    'flush                                                      ▒▒       ┊       done, 100 ms',
    '  logs                                                     ██       ┊       done, 100 ms',
    '                      ▲ SIGTERM',
    '                                             the end, 3.7 s ▲',
    '                                                    deadline, 4.5 s ▲',
    '                                                            SIGKILL, 5 s ▲',
  ])
})

test('a shutdown that used little of its grace period is drawn large, without what lies far ahead', () => {
  const lines = drawTimeline(sampleReport())
  assert.match(lines[0] as string, /500 ms +1 s/)
  assert.not.match(lines.join('\n'), /SIGKILL|deadline/)
})

test('no line is wider than asked, and time runs from left to right at any width', () => {
  for (const width of [70, 71, 99, 140, 250]) {
    const hooks = [...hung.hooks, hook('n'.repeat(300), 'flush', 3_600, 90)]
    const lines = drawTimeline({ ...hung, hooks, errors: [{ message: 'e'.repeat(300), atMs: 2_000 }] }, { width })
    for (const line of lines) assert.ok(line.length <= width, `${line.length} columns of ${width}: ${line}`)
    const [http, postgres] = ['  http', '  postgres'].map((name) => lines.find((line) => line.startsWith(name)) ?? '')
    assert.ok((http?.lastIndexOf('█') ?? 0) <= (postgres?.indexOf('█') ?? 0))
  }
})

test('what never ran has no bar, and what runs has one up to now', () => {
  const report = unclean({
    ended: 'forced',
    durationMs: 9_000,
    hooks: [
      hook('pool', 'close', 1_000, null, { outcome: 'running' }),
      hook('logs', 'flush', null, null, { outcome: 'never ran' }),
    ],
  })
  const lines = drawTimeline(report)
  assert.match(lines.find((line) => line.startsWith('  pool')) ?? '', /█+× .*running, 8 s$/)
  assert.match(lines.find((line) => line.startsWith('  logs')) ?? '', /^ {2}logs +never ran$/)
})
