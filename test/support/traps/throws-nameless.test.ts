import { test } from '../suite.ts'

test('throws an Error without name and stack', () => {
  throw Object.assign(new Error('nameless'), { name: undefined, stack: undefined })
})
test('comes after it', () => {})
