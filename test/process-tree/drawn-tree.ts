import { processKey } from '../../lib/process-tree/process-id.ts'
import type { Memory, Proc } from '../../lib/process-tree/stop/signal-route.ts'

type Props = Partial<Omit<Proc, 'pid' | 'ppid' | 'argv'>>

/** A process of a tree in a test's own words: its command line, what it does with the signal, its children. */
export interface Drawn {
  readonly line: string
  readonly props: Props
  readonly kids: readonly Drawn[]
}

type Rest = readonly [Props, ...Drawn[]] | readonly Drawn[]

/** `draw('bash start.sh', draw('node server.js', handles))`; the line also serves as its name. */
export function draw(line: string, ...rest: Rest): Drawn {
  const [first, ...others] = rest
  return first && 'kids' in first
    ? { line, props: {}, kids: rest as Drawn[] }
    : { line, props: first ?? {}, kids: others as Drawn[] }
}

export const handles: Props = { caught: true }

/** A snapshot of trees: pids from 100 on, in the order of the drawing, all started at 1. */
export function snapshot(...tops: readonly Drawn[]): Proc[] {
  const procs: Proc[] = []
  const add = (drawn: Drawn, ppid: number): void => {
    const pid = 100 + procs.length
    const argv = drawn.line.split(' ')
    procs.push({
      ...{ pid, ppid, pgid: 100, startTime: 1, state: 'S', comm: argv[0] ?? '', exe: `/usr/bin/${argv[0]}`, argv },
      ...{ caught: false, blocked: false, ignored: false, unsure: false, exitTrap: false },
      ...{ stdin: '/dev/null', stdout: '/dev/null', stderr: '/dev/null' },
      ...drawn.props,
    })
    for (const kid of drawn.kids) add(kid, pid)
  }
  for (const top of tops) add(top, 0)
  return procs
}

export function lineOf(proc: Proc): string {
  return proc.argv.join(' ')
}

/** What a stop remembers, with processes named by their lines. By default a stop that has just begun, in a quiet tree. */
export interface DrawnMemory {
  readonly told?: readonly string[]
  readonly passed?: readonly string[]
  readonly daemons?: readonly string[]
  readonly foreground?: readonly string[]
  readonly restarted?: readonly string[]
  readonly supervised?: readonly string[]
  readonly stepOver?: readonly string[]
  readonly self?: string
  readonly bornAfter?: number
  readonly quietMs?: number
  readonly afterWorkOver?: boolean
  readonly short?: boolean
}

export function memoryOf(tree: readonly Proc[], drawn: DrawnMemory = {}): Memory {
  const keys = (lines: readonly string[] = []): Set<string> =>
    // A line of somebody who has ended names nobody in the tree.
    new Set(lines.map((line) => processKey(tree.find((p) => lineOf(p) === line) ?? { pid: -1, startTime: 0 })))
  return {
    self: tree.find((p) => lineOf(p) === drawn.self)?.pid ?? 1,
    told: keys(drawn.told),
    passed: keys(drawn.passed),
    daemons: keys(drawn.daemons),
    foreground: keys(drawn.foreground),
    restarted: keys(drawn.restarted),
    supervised: keys(drawn.supervised),
    stepOver: new Set(drawn.stepOver),
    bornAfter: drawn.bornAfter ?? 1,
    quietMs: drawn.quietMs ?? 1_000,
    afterWorkOver: drawn.afterWorkOver ?? false,
    short: drawn.short ?? false,
  }
}
