import { test } from '../suite.ts'

test('needs a machine of gold', () => {}, { skip: 'needs gold' })
test('is not skipped', () => {}, { skip: false })
