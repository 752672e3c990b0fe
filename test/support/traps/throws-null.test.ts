import { test } from '../suite.ts'

test('throws no Error at all', () => {
  throw null
})
test('comes after it', () => {})
