import process from 'node:process'
import * as assert from 'uvu/assert'
import { test } from '../suite.ts'

test('does not see what another file has set', () => assert.is(process.env.LASTCALL_TRAP, undefined))
