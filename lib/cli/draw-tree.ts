import type { TreeProcess } from '../process-tree/index.ts'

const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'asleep',
  D: 'in kernel',
  T: 'stopped',
  t: 'traced',
  Z: 'zombie',
  I: 'idle',
}

const FOUND: Readonly<Record<string, string>> = {
  cookie: 'found by its mark',
  group: 'found by its group',
  session: 'found by its session',
}

/** A tree as lines of at most `columns` characters, each with its line feed. */
export function drawTree(tree: readonly TreeProcess[], root: number, columns: number): string {
  const pidWidth = Math.max(5, ...tree.map(({ pid }) => String(pid).length))
  const children = new Map<number, TreeProcess[]>()
  for (const one of tree) children.set(one.ppid, [...(children.get(one.ppid) ?? []), one])
  const lines: string[] = []
  const row = (pid: string, state: string, sigterm: string, command: string): void => {
    const line = `${pid.padStart(pidWidth)}  ${state.padEnd(9)}  ${sigterm.padEnd(7)}  ${command}`
    lines.push(line.length > columns ? `${line.slice(0, Math.max(0, columns - 1))}…` : line)
  }
  const draw = (one: TreeProcess, above: string, branch: string, note: string): void => {
    const state = STATES[one.state] ?? one.state
    const sigterm = one.state === 'Z' ? '' : (one.sigterm ?? '')
    row(String(one.pid), state, sigterm, `${shorten(above + branch, columns)}${printable(one.command)}${note}`)
    const below = above + (branch === '├─ ' ? '│  ' : branch === '' ? '' : '   ')
    const kids = children.get(one.pid) ?? []
    kids.forEach((kid, i) => {
      draw(kid, below, i === kids.length - 1 ? '└─ ' : '├─ ', '')
    })
  }

  row('PID', 'STATE', 'SIGTERM', 'COMMAND')
  const pids = new Set(tree.map(({ pid }) => pid))
  const tops = tree.filter(({ pid, ppid }) => pid === root || !pids.has(ppid))
  // Our own tree is drawn without ourselves: its tops are our children.
  const within = tops.filter(({ pid, foundBy }) => pid === root || foundBy === 'descent')
  for (const top of within) draw(top, '', '', '')
  const apart = tops.filter((top) => !within.includes(top))
  if (apart.length > 0) lines.push('', 'No longer below it:')
  for (const top of apart) draw(top, '', '', `  (${FOUND[top.foundBy]}, parent ${top.ppid})`)
  return `${lines.join('\n')}\n`
}

/** A deep chain must leave room for the command. */
function shorten(indent: string, columns: number): string {
  const room = Math.max(12, Math.floor(columns / 3))
  return indent.length > room ? `…${indent.slice(1 - room)}` : indent
}

/** A command line is another program's text: no escape sequence of it may reach the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '?')
}
