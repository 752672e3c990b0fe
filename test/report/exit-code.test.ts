import * as assert from 'uvu/assert'
import { type ExitFacts, exitFor } from '../../lib/report/exit-code.ts'
import { test } from '../support/suite.ts'

const facts = (change: Partial<ExitFacts> = {}): ExitFacts => ({
  reason: { kind: 'signal', signal: 'SIGTERM' },
  forcedBy: undefined,
  errors: 0,
  undone: 0,
  faulty: false,
  appExitCode: undefined,
  onTerminal: false,
  ...change,
})
const sigint = { kind: 'signal', signal: 'SIGINT' } as const

/** Each row holds over all rows below it: so each is tried together with what would make a lower row true. */
const rows: [string, Partial<ExitFacts>, number][] = [
  ['forced by SIGINT', { forcedBy: 'SIGINT', errors: 1, undone: 1, faulty: true }, 130],
  ['forced by SIGTERM', { forcedBy: 'SIGTERM' }, 143],
  ['an error began it', { reason: { kind: 'error' }, undone: 1, appExitCode: 7 }, 1],
  ['an error came while it ran', { errors: 1, undone: 1 }, 1],
  ['SIGTERM, and work was left undone', { undone: 2, faulty: true, appExitCode: 7 }, 143],
  ['another beginning, and work was left undone', { undone: 2, reason: { kind: 'call' } }, 1],
  ['a hook failed', { faulty: true, appExitCode: 7 }, 1],
  ['the app set process.exitCode', { appExitCode: 7, reason: sigint, onTerminal: true }, 7],
  ['the app set process.exitCode to 0', { appExitCode: 0, reason: sigint, onTerminal: true }, 0],
  ['SIGINT on a terminal', { reason: sigint, onTerminal: true }, 130],
  ['SIGINT elsewhere', { reason: sigint }, 0],
  ['everything was done in time', {}, 0],
]

for (const [title, change, code] of rows)
  test(`the exit code is ${code} when ${title}`, () => assert.is(exitFor(facts(change)).code, code))

test('only a clean SIGINT on a terminal is re-raised', () => {
  assert.is(exitFor(facts({ reason: sigint, onTerminal: true })).reraise, 'SIGINT')
  assert.is(exitFor(facts({ reason: sigint, onTerminal: true, faulty: true })).reraise, undefined)
})
