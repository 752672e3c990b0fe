import { createServer } from 'node:net'
import { test } from '../suite.ts'

test('passes and keeps the event loop alive', () => {
  createServer().listen(0, '127.0.0.1')
})
