import { spawn } from 'node:child_process'
import { test } from '../suite.ts'

test('leaves a child in its group', () => spawn('sleep', ['97'], { stdio: 'ignore' }).unref())
