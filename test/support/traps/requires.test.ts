import { can } from '../can.ts'
import { test } from '../suite.ts'

test('needs a program that nobody has', () => {}, { skip: can.program('lastcall-no-such-program') })
