import { expectTypeOf } from 'expect-type'
import {
  type KillTreeResult,
  killTree,
  killTreeSync,
  listTree,
  type TreeProcess,
} from '../../lib/process-tree/index.ts'

// Compiled by `npm run types`, never run.
export function accepted(): void {
  expectTypeOf(listTree(1)).toEqualTypeOf<Promise<TreeProcess[]>>()
  expectTypeOf(killTree(1)).toEqualTypeOf<Promise<KillTreeResult>>()
  expectTypeOf(killTreeSync(1).survivors).toEqualTypeOf<readonly TreeProcess[]>()
  // What listTree found can be handed on: it carries the start time, so that no other process is meant.
  expectTypeOf(killTree).toBeCallableWith({ pid: 1, startTime: 2 }, { signal: 'SIGINT', graceMs: 0, cookie: 'a' })
}

export function refused(): void {
  // @ts-expect-error a pid is a number
  killTree('1')
  // @ts-expect-error a signal has its whole name
  killTree(1, { signal: 'TERM' })
  // @ts-expect-error the name says the unit
  killTree(1, { grace: 5 })
  // @ts-expect-error it has no grace: it kills
  killTreeSync(1, { graceMs: 5 })
}
