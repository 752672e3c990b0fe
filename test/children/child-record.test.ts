import * as assert from 'uvu/assert'
import { ChildRecord } from '../../lib/children/child-record.ts'
import { test } from '../support/suite.ts'

const told = { pid: 17, startTime: 1, name: 'worker', signal: 'SIGTERM', atMs: 5, by: 'stop', late: false } as const

test('a report in the middle of a stop names who was told so far', () => {
  const record = new ChildRecord('worker')
  record.begins(17)
  record.stops(1_100)
  record.told(told)
  assert.equal(record.findings(1_000).children, [
    {
      ...{ name: 'worker', pid: 17, code: null, signal: null, killed: 0, durationMs: 0 },
      told: [{ pid: 17, name: 'worker', atMs: 105 }],
    },
  ])
})

test('the next run was told nothing', () => {
  const record = new ChildRecord('worker')
  record.begins(17)
  record.stops(1_100)
  record.told(told)
  record.begins(18)
  assert.equal(record.findings(1_000).children?.[0]?.told, [])
})
