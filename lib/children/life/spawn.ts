import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { TREE_COOKIE } from '../../process-tree/cookie.ts'
import type { DeadlineLine } from '../cascade/deadline-line.ts'
import type { ChildPlan } from '../plan/child-plan.ts'

/** What a child gets besides what its plan says: by it a lastcall in it learns its deadline. */
export interface Heritage {
  readonly env: NodeJS.ProcessEnv
  /** A line whose other end is handed down. */
  readonly line?: DeadlineLine
  /** A program, with arguments, that becomes the command. */
  readonly launcher?: readonly string[]
}

/** Where in the child's descriptors the one that it inherits is: the first free one. */
export function descriptorPlace(plan: Pick<ChildPlan, 'ready' | 'ipc'>): number {
  const taken = new Set([0, 1, 2])
  if (typeof plan.ready === 'object' && 'fd' in plan.ready) taken.add(plan.ready.fd)
  if (plan.ipc) taken.add(firstFree(taken))
  return firstFree(taken)
}

/** In a group and session of its own: a signal to the group is atomic, and no terminal reaches it but through us. */
export function spawnChild(plan: ChildPlan, cookie: string, { env, line, launcher = [] }: Heritage): ChildProcess {
  const [program = '', ...args] = [...launcher, ...plan.command]
  const out = plan.output === 'inherit' || plan.output === 'ignore' ? plan.output : 'pipe'
  const stdio: NonNullable<Exclude<SpawnOptions['stdio'], string>> = [plan.stdin, out, out]
  const put = (place: number, what: 'pipe' | 'ipc' | number): void => {
    while (stdio.length < place) stdio.push('ignore')
    stdio[place] = what
  }
  const fd = typeof plan.ready === 'object' && 'fd' in plan.ready ? plan.ready.fd : undefined
  if (plan.ipc) put(firstFree(new Set([0, 1, 2, ...(fd === undefined ? [] : [fd])])), 'ipc')
  if (line) put(descriptorPlace(plan), line.descriptor)
  if (fd !== undefined) put(fd, 'pipe')
  // Loaded now: a service without children does not pay the 6 ms.
  return process.getBuiltinModule('node:child_process').spawn(program, args, {
    detached: true,
    stdio,
    env: { ...plan.env, ...env, [TREE_COOKIE]: cookie },
    ...(plan.cwd !== undefined && { cwd: plan.cwd }),
    ...(plan.uid !== undefined && { uid: plan.uid }),
    ...(plan.gid !== undefined && { gid: plan.gid }),
  })
}

function firstFree(taken: ReadonlySet<number>): number {
  let place = 3
  while (taken.has(place)) place++
  return place
}
