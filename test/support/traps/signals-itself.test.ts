import process from 'node:process'
import { test } from '../suite.ts'

test('sends SIGTERM to itself', () => {
  process.kill(process.pid, 'SIGTERM')
  return new Promise(() => setInterval(() => {}, 1000))
})
