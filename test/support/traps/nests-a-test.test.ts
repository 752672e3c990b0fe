import { test } from '../suite.ts'

test('registers another', () => test('never runs', () => {}))
