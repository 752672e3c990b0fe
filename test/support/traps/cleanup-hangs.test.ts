import { test } from '../suite.ts'

test('has a cleanup that never settles', (t) => t.after(() => new Promise(() => {})))
