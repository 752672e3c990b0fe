import * as assert from 'uvu/assert'
import { LastcallError } from '../../../lib/errors.ts'
import { isProbe } from '../../../lib/serving/lame-duck/probe.ts'
import { checkOptions } from '../../../lib/shutdown/options/check-options.ts'
import { test } from '../../support/suite.ts'

const bad: [Record<string, unknown>, RegExp][] = [
  [
    { lameDuckSeconds: -1 },
    /lameDuckSeconds must be a number of seconds, 0 or more, at most a day, got -1\. Write 10\./,
  ],
  [{ lameDuckSeconds: '10' }, /lameDuckSeconds must be .* got "10"/],
  [{ lameDuckSeconds: Number.NaN }, /lameDuckSeconds must be .* got NaN/],
  [{ lameDuckSeconds: 10_000_000 }, /lameDuckSeconds must be .* at most a day/],
  [{ lameDuckMaxSeconds: 5 }, /lameDuckMaxSeconds must be at least lameDuckSeconds, which is 10, got 5\. Leave it out/],
  [{ quietMs: 0 }, /quietMs must be a number of milliseconds above 0, at most a day, got 0/],
  [{ isProbe: '/health' }, /isProbe must be a function, got "\/health"\. Write isProbe: /],
  [{ lameDuckSecond: 3 }, /no option lameDuckSecond\. Did you mean lameDuckSeconds\?/],
]

for (const [options, message] of bad) {
  test(`refused: ${JSON.stringify(options)}`, () => {
    assert.throws(
      () => checkOptions(options),
      (error: unknown) => error instanceof LastcallError && message.test(error.message),
    )
  })
}

test('a probe is known by its agent, by a path of ours, by the app; one that throws says nothing', () => {
  const knows = { isProbe: undefined, isOurs: (url: string) => url === '/readyz' }
  const asked = (agent: string, url = '/') => ({ method: 'GET', url, headers: { 'user-agent': agent } })
  for (const agent of ['kube-probe/1.31', 'Prometheus/2.5', 'GoogleHC/1.0', 'ELB-HealthChecker/2.0']) {
    assert.ok(isProbe(asked(agent), knows), agent)
  }
  assert.is(isProbe(asked('curl/8'), knows), false)
  assert.is(isProbe(asked('my kube-probe/1'), knows), false)
  assert.ok(isProbe(asked('curl/8', '/readyz'), knows))
  assert.ok(isProbe(asked('curl/8', '/health'), { ...knows, isProbe: ({ url }) => url === '/health' }))
  const throws = (): boolean => {
    throw new Error('no good')
  }
  assert.is(isProbe(asked('curl/8'), { ...knows, isProbe: throws }), false)
})
