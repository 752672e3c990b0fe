import * as assert from 'uvu/assert'
import type { Report } from '../../lib/report/report.ts'
import { test } from '../support/suite.ts'
import { hook, sampleReport, unclean } from './sample-report.ts'

const timedOut = (name: string, limitMs: number): Report['hooks'][number] =>
  hook(name, 'close', 0, limitMs, { outcome: 'timed out', limitMs })
const signalled = (signal: string): Report['signals'] => [
  { signal: 'SIGTERM', atMs: 0, effect: 'began' },
  { signal, atMs: 900, effect: 'forced' },
]

const rows: readonly (readonly [string, Report, string])[] = [
  ['a clean shutdown says what began it and what it took', sampleReport(), 'clean: SIGTERM, done in 1.2 s of 30 s'],
  [
    'begin with words shows the words',
    sampleReport({ reason: { kind: 'call', message: 'maintenance' }, durationMs: 40 }),
    'clean: begin("maintenance"), done in 40 ms of 30 s',
  ],
  [
    'a report in progress claims no end',
    unclean({ ended: 'in progress', exitCode: null }),
    'unclean so far: SIGTERM began the shutdown, and it has not ended',
  ],
  [
    'a hook that timed out is named with its phase and its time',
    unclean({ hooks: [timedOut('postgres', 2_910)] }),
    'unclean: hook postgres (close) timed out after 2.9 s',
  ],
  [
    'a hook that failed is named with what it threw, on one line',
    unclean({
      hooks: [hook('redis', 'close', 0, 5, { outcome: 'failed', error: { message: 'gone\n\u001b[31maway' } })],
    }),
    'unclean: hook redis (close) failed: gone away',
  ],
  [
    'what was lost comes before hooks, who outlived us before that, errors before them',
    unclean({
      errors: [{ message: 'boom', atMs: 3 }],
      survivors: [{ pid: 4711, name: 'worker', why: 'SIGKILL did not end it' }],
      tracked: { finished: 3, undone: 2 },
    }),
    'unclean: uncaught error: boom; pid 4711 (worker) survived: SIGKILL did not end it; 2 tracked tasks left undone',
  ],
  [
    'about three are named, and the others counted',
    unclean({
      tracked: { finished: 0, undone: 1 },
      hooks: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => timedOut(name, 1_000)),
    }),
    'unclean: 1 tracked task left undone; hook a (close) timed out after 1 s; hook b (close) timed out after 1 s; and 4 more',
  ],
  [
    'the hook that waited for undone tasks is not named beside them',
    unclean({
      tracked: { finished: 0, undone: 1 },
      hooks: [hook('tracked work', 'drain', 0, 900, { outcome: 'timed out' })],
    }),
    'unclean: 1 tracked task left undone',
  ],
  [
    'several errors are counted and the first is told',
    unclean({
      errors: [
        { message: 'one', atMs: 1 },
        { message: 'two', atMs: 2 },
      ],
    }),
    'unclean: 2 uncaught errors, the first: one',
  ],
  [
    'a forced exit names the signal, and what it cut short',
    unclean({
      ended: 'forced',
      durationMs: 900,
      signals: signalled('SIGINT'),
      hooks: [
        hook('pool', 'close', 1, null, { outcome: 'running' }),
        hook('logs', 'flush', null, null, { outcome: 'never ran' }),
      ],
    }),
    'unclean: forced by a second SIGINT after 900 ms; hook pool (close) was still running; hook logs (flush) never ran',
  ],
  [
    'another end of the process names the others that listen to our signals',
    unclean({ ended: 'process.exit', foreignListeners: [{ signal: 'SIGTERM', count: 1, names: [] }] }),
    'unclean: something else ended the process after 1.2 s (others listen to SIGTERM, too)',
  ],
  [
    'a foreign process.exit names its caller, by its package',
    unclean({
      ended: 'process.exit',
      exitedBy: { code: 130, by: 'onSignal', at: '/app/node_modules/browser/launch.js:250:25', stack: 'at onSignal' },
    }),
    'unclean: process.exit(130) was called after 1.2 s by onSignal (browser/launch.js:250:25)',
  ],
  [
    'a fault is said in its own words',
    unclean({ faults: ['worker ignored SIGTERM'] }),
    'unclean: worker ignored SIGTERM',
  ],
]

for (const [title, report, verdict] of rows) test(title, () => assert.is(report.verdict, verdict))
