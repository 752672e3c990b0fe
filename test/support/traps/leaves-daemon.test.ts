import { spawn } from 'node:child_process'
import { test } from '../suite.ts'

test('leaves a child in a session of its own', () =>
  spawn('sleep', ['98'], { detached: true, stdio: 'ignore' }).unref())
