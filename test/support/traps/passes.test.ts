import * as assert from 'uvu/assert'
import { test } from '../suite.ts'

test('a test that passes', () => assert.is(1 + 1, 2))
