import * as assert from 'uvu/assert'
import type { Member } from '../../lib/process-tree/members.ts'
import type { StopResult } from '../../lib/process-tree/stop/stop-result.ts'
import { stopFaults } from '../../lib/run/stop-faults.ts'
import { test } from '../support/suite.ts'

const clean: StopResult = { told: [], deaf: [], unstopped: [], killed: 0, survivors: [], denied: [], durationMs: 5 }
const named = (pid: number, name: string) => ({ pid, name, startTime: 1 })
const member = (pid: number, comm: string) => ({ pid, comm, startTime: 1 }) as Member
const told = (pid: number, late: boolean) =>
  ({ ...named(pid, 'node'), signal: 'SIGTERM', atMs: 1, by: 'stop', late }) as const

test('a stop in which everybody ended in time has no faults', () => {
  assert.equal(stopFaults({ ...clean, told: [told(7, false)] }), [])
})

test('who was killed is named, and that it ignores the signal', () => {
  const [sleep, node] = [named(12, 'sleep 60'), named(13, 'node a.js')]
  assert.equal(stopFaults({ ...clean, killed: 2, unstopped: [sleep, node], deaf: [sleep] }), [
    '2 processes had to be killed: sleep 60 (pid 12, ignores the signal), node a.js (pid 13)',
  ])
})

test('of many who were killed five are named, and the others counted', () => {
  const unstopped = [1, 2, 3, 4, 5, 6, 7].map((pid) => named(pid, 'x'))
  const [fault] = stopFaults({ ...clean, killed: 7, unstopped })
  assert.match(fault ?? '', /x \(pid 5\), 2 more$/)
})

test('who was told only when time ran short is a fault, with the option that mends it', () => {
  assert.equal(stopFaults({ ...clean, told: [told(7, false), told(8, true)] }), [
    'told only when time ran short: node (pid 8); name the launcher above it with --step-over',
  ])
})

test('who could not be signalled and ended by itself is a fault; a survivor is told elsewhere', () => {
  const [gone, left] = [member(8, 'sudo'), member(9, 'sleep')]
  assert.equal(stopFaults({ ...clean, denied: [gone, left], survivors: [left] }), ['no right to signal sudo (pid 8)'])
})
