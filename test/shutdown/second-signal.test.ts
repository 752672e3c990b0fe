import * as assert from 'uvu/assert'
import { type SecondSignal, SecondSignals } from '../../lib/shutdown/second-signal.ts'
import { test } from '../support/suite.ts'

/** Plays signals at given times; the first begins the shutdown. */
function play(policy: SecondSignal, ...signals: [string, number][]): string[] {
  let time = 0
  const seconds = new SecondSignals(policy, () => time)
  return signals.map(([signal, at]) => {
    time = at
    const effect = seconds.classify(signal)
    if (effect === 'began') seconds.begun()
    return effect
  })
}

test('the same signal within half a second is an echo', () => {
  assert.equal(play('auto', ['SIGINT', 0], ['SIGINT', 20], ['SIGINT', 500]), ['began', 'echo', 'echo'])
  assert.equal(play('force', ['SIGTERM', 0], ['SIGTERM', 3]), ['began', 'echo'])
})

test('a second Ctrl-C forces once an earlier one is half a second old, also when the user hammers', () => {
  assert.equal(play('auto', ['SIGINT', 0], ['SIGINT', 501]), ['began', 'forced'])
  assert.equal(play('auto', ['SIGINT', 0], ['SIGINT', 300], ['SIGINT', 600]), ['began', 'echo', 'forced'])
})

test('SIGTERM never forces under auto, nor does the first Ctrl-C after a SIGTERM', () => {
  assert.equal(play('auto', ['SIGTERM', 0], ['SIGTERM', 9_000], ['SIGINT', 9_001]), ['began', 'counted', 'counted'])
})

test('under force any signal forces, but not the other half of the same wish', () => {
  assert.equal(play('force', ['SIGINT', 0], ['SIGTERM', 20]), ['began', 'counted'])
  assert.equal(play('force', ['SIGTERM', 0], ['SIGTERM', 501]), ['began', 'forced'])
})

test('under ignore nothing forces', () => {
  assert.equal(play('ignore', ['SIGINT', 0], ['SIGINT', 5_000]), ['began', 'counted'])
})
