import * as assert from 'uvu/assert'
import { ChildRecord } from '../../lib/children/child-record.ts'
import { test } from '../support/suite.ts'

const told = { pid: 17, startTime: 1, name: 'worker', signal: 'SIGTERM', atMs: 5, by: 'stop', late: false } as const

test('a report in the middle of a stop names who was told so far', () => {
  const record = new ChildRecord('worker')
  record.begins(17)
  record.stops(1_100)
  record.told(told)
  assert.equal(record.findings(1_000, false).children, [
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
  assert.equal(record.findings(1_000, false).children?.[0]?.told, [])
})

test('how the child itself ended is known at once, whoever of its tree lives on', async () => {
  const record = new ChildRecord('worker')
  const end = Promise.resolve({ code: 3, signal: null })
  record.begins(17, end)
  record.stops(1_100)
  await end
  const [child] = record.findings(1_000, true).children ?? []
  assert.equal([child?.code, child?.signal], [3, null])
})

test('the end of a run that was over is not that of the next', async () => {
  const record = new ChildRecord('worker')
  const end = Promise.resolve({ code: 3, signal: null })
  record.begins(17, end)
  record.begins(18)
  await end
  assert.is(record.findings(1_000, false).children?.[0]?.code, null)
})

test('in the middle of a kill SIGKILL was the last it got', () => {
  const record = new ChildRecord('worker')
  record.begins(17)
  record.stops(1_100)
  const [child] = record.findings(1_000, true).children ?? []
  assert.equal([child?.code, child?.signal], [null, 'SIGKILL'])
})
