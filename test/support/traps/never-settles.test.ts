import { test } from '../suite.ts'

test('waits for what never comes', () => new Promise(() => {}), { limitMs: 200 })
