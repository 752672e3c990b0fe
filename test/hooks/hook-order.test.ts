import * as assert from 'uvu/assert'
import { findCycle, inOrder, levelsAfter } from '../../lib/hooks/hook-order.ts'
import { test } from '../support/suite.ts'

const node = (name: string, ...after: string[]) => ({ name, after })
const listed = (...nodes: ReturnType<typeof node>[]) => new Map(nodes.map((one) => [one.name, one]))

test('a cycle is found from the hook that closes it, and drawn with that hook at both ends', () => {
  const hooks = listed(node('b', 'c'), node('c', 'a'), node('d'))
  assert.equal(findCycle(node('a', 'd', 'b'), hooks), ['a', 'b', 'c', 'a'])
  assert.is(findCycle(node('a', 'd'), hooks), undefined)
})

test('each hook stands after those that it names, whatever the order of registration', () => {
  const names = inOrder([node('db', 'cache', 'queue'), node('cache', 'queue'), node('queue')]).map((one) => one.name)
  assert.equal(names, ['queue', 'cache', 'db'])
})

test('a name that is not in the phase is passed over', () => {
  assert.equal(inOrder([node('db', 'gone')]), [node('db', 'gone')])
})

test('the longest chain of hooks that wait is counted', () => {
  const hooks = [node('a'), node('b', 'a'), node('c', 'b'), node('d', 'a')]
  assert.equal(
    ['a', 'b', 'c', 'd'].map((name) => levelsAfter(hooks).get(name)),
    [2, 1, 0, 0],
  )
})

test('twelve layers of twenty hooks, each after all of the layer before, are counted at once', () => {
  const layer = (n: number): string[] => Array.from({ length: 20 }, (_, i) => `${n}.${i}`)
  const hooks = Array.from({ length: 12 }, (_, n) =>
    layer(n).map((name) => node(name, ...(n > 0 ? layer(n - 1) : []))),
  ).flat()
  const levels = levelsAfter(hooks)
  assert.equal([levels.get('0.0'), levels.get('5.19'), levels.get('11.0')], [11, 6, 0])
})
