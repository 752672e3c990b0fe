import { test } from '../suite.ts'

test('is registered', () => {})
throw new Error('the file itself is broken')
