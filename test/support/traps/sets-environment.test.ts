import process from 'node:process'
import * as assert from 'uvu/assert'
import { test } from '../suite.ts'

process.env.LASTCALL_TRAP = 'set'
test('sets a variable', () => assert.is(process.env.LASTCALL_TRAP, 'set'))
