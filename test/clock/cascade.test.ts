import * as assert from 'uvu/assert'
import { childStopMs, graceFromParent, wholeSeconds } from '../../lib/clock/cascade.ts'
import { RECORD_BYTES, readPlace, readRecord, writeRecords } from '../../lib/clock/deadline-record.ts'
import { LiveDeadline } from '../../lib/clock/live-deadline.ts'
import { test } from '../support/suite.ts'

const fromEnvironment = { seconds: 5, source: 'TERMINATION_GRACE_PERIOD_SECONDS' }

test('what the parent says comes before the duration in the environment, be it more or less', () => {
  assert.equal(graceFromParent(fromEnvironment, 12_345.6), { seconds: 12.346, source: 'parent' })
  assert.equal(graceFromParent(fromEnvironment, 1_500), { seconds: 1.5, source: 'parent' })
  assert.equal(graceFromParent({ seconds: 30, source: 'default' }, 40_000), { seconds: 40, source: 'parent' })
})

test("the app's own option never lengthens what the parent grants, and may shorten it", () => {
  assert.equal(graceFromParent({ seconds: 20, source: 'option' }, 3_000), { seconds: 3, source: 'parent' })
  assert.equal(graceFromParent({ seconds: 2, source: 'option' }, 3_000), { seconds: 2, source: 'option' })
})

test('a moment of SIGKILL that has passed without one counts for nothing', () => {
  assert.is(graceFromParent(fromEnvironment, -1), fromEnvironment)
})

test('a deadline in the middle of a shutdown moves to earlier, with a reserve of its own, and never to later', () => {
  const deadline = new LiveDeadline(1_000, 20_000)
  const moves: string[] = []
  deadline.limit.onMoved((way) => moves.push(way))
  assert.equal([deadline.at, deadline.killAt, deadline.totalMs], [20_000, 21_000, 19_000])
  assert.ok(deadline.bringForward(6_000, 2_000))
  assert.equal([deadline.startedAt, deadline.at, deadline.killAt, deadline.reserveMs], [1_000, 5_600, 6_000, 400])
  assert.is(deadline.totalMs, 3_600)
  assert.not.ok(deadline.bringForward(7_000, 2_000))
  assert.equal([deadline.at, deadline.killAt, moves], [5_600, 6_000, ['earlier']])
})

test('a deadline moves to later where it was only assumed, as long as it has not passed', () => {
  const deadline = new LiveDeadline(1_000, 5_000)
  const moves: string[] = []
  deadline.limit.onMoved((way) => moves.push(way))
  assert.not.ok(deadline.putOff(6_000, 2_000))
  assert.ok(deadline.putOff(62_000, 2_000))
  assert.equal([deadline.startedAt, deadline.at, deadline.killAt, deadline.reserveMs], [1_000, 61_000, 62_000, 1_000])
  assert.is(deadline.totalMs, 59_000)
  assert.not.ok(deadline.putOff(90_000, 61_000))
  assert.equal([deadline.limit.at, moves], [61_000, ['later']])
})

test('a moment of SIGKILL that has passed leaves no time at all', () => {
  const deadline = new LiveDeadline(0, 20_000)
  deadline.bringForward(500, 1_000)
  assert.equal([deadline.at, deadline.totalMs], [1_000, 0])
})

/** Grace period of the parent in s, `stopTimeoutMs` → what the child finds, in s. */
const STOP_SECONDS: readonly [number, number | undefined, number][] = [
  [2, undefined, 1],
  [5, undefined, 1],
  [10, undefined, 1],
  [30, undefined, 5],
  [60, undefined, 9],
  [600, undefined, 9],
  [30, 12_500, 12],
  [30, 300, 1],
  [5, 60_000, 4],
]

for (const [grace, stopTimeoutMs, seconds] of STOP_SECONDS) {
  const own = stopTimeoutMs === undefined ? 'no limit of its own' : `stopTimeoutMs: ${stopTimeoutMs}`
  test(`with ${grace} s of grace a child with ${own} finds ${seconds} s`, () => {
    assert.is(wholeSeconds(childStopMs(grace * 1000, stopTimeoutMs)), seconds)
  })
}

test('256 equal records of 64 bytes are written, and each tells the same', () => {
  const records = writeRecords({ deadlineNs: 18_446_744_073_709_551_615n, pid: 4_194_304 })
  assert.is(records.length, 256 * RECORD_BYTES)
  for (let at = 0; at < records.length; at += RECORD_BYTES) {
    const record = readRecord(records.subarray(at, at + RECORD_BYTES))
    assert.equal(record, { deadlineNs: 18_446_744_073_709_551_615n, pid: 4_194_304 })
  }
  assert.equal(readRecord(writeRecords({ deadlineNs: 7n }).subarray(0, RECORD_BYTES)), { deadlineNs: 7n })
})

test('what is no record tells nothing', () => {
  for (const text of ['', 'x', 'null', '{}', '{"deadlineNs":5}', '{"deadlineNs":"-5"}', '{"deadlineNs":"1e9"}']) {
    assert.is(readRecord(Buffer.from(text.padEnd(RECORD_BYTES))), undefined, text)
  }
  assert.is(readRecord(Buffer.from('{"deadlineNs":"5"}')), undefined, 'too short')
})

test('a descriptor is named by number and inode, and is none of the three standard streams', () => {
  assert.equal(readPlace('3:123456'), { fd: 3, inode: 123_456 })
  for (const text of [undefined, '', '3', '2:5', '-3:5', '3:', '3:x', ' 3:5', '3:5:7']) {
    assert.is(readPlace(text), undefined, String(text))
  }
})
