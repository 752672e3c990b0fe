import { setTimeout as pause } from 'node:timers/promises'
import { test } from '../suite.ts'

test('is there before the await', () => {})
await pause(300)
test('is there after the await', () => {
  throw new Error('seen')
})
