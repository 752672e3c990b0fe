import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

/** What a program has spent when its first line runs, in milliseconds since it was started. */
export interface Cost {
  readonly wallMs: number
  /** Of all threads. Other load on the machine changes it far less. */
  readonly cpuMs: number
}

type Kind = 'mjs' | 'cjs'

const STAMP = `const { user, system } = process.cpuUsage()
console.log(JSON.stringify({ wallMs: performance.now(), cpuMs: (user + system) / 1000 }))
`

/**
 * Starts one program for each line of `imports` again and again, in turn, so that whatever slows the machine slows all
 * of them; returns the median of each beyond the median of the program that imports nothing.
 */
export function importCosts(
  folder: string,
  imports: Readonly<Record<string, string>>,
  rounds: number,
): Record<string, Cost> {
  const kindOf = (line: string): Kind => (line.startsWith('require') ? 'cjs' : 'mjs')
  const write = (name: string, line: string, kind = kindOf(line)) => {
    const file = join(folder, `${name.replace(/\W+/g, '-')}.${kind}`)
    writeFileSync(file, `${line}\n${STAMP}`)
    return { name, kind, file, costs: [] as Cost[] }
  }
  // An empty ES module costs more than an empty script: each kind is measured against its own.
  const bases = { mjs: write('nothing', '', 'mjs'), cjs: write('nothing', '', 'cjs') }
  const programs = Object.entries(imports).map(([name, line]) => write(name, line))
  for (let round = -1; round < rounds; round++) {
    for (const { file, costs } of [bases.mjs, bases.cjs, ...programs]) {
      const cost = JSON.parse(execFileSync(process.execPath, [file], { encoding: 'utf8' })) as Cost
      // The first round only warms the file cache.
      if (round >= 0) costs.push(cost)
    }
  }
  const beyond = ({ kind, costs }: (typeof programs)[number]): Cost => ({
    wallMs: median(costs.map((cost) => cost.wallMs)) - median(bases[kind].costs.map((cost) => cost.wallMs)),
    cpuMs: median(costs.map((cost) => cost.cpuMs)) - median(bases[kind].costs.map((cost) => cost.cpuMs)),
  })
  return Object.fromEntries(programs.map((program) => [program.name, beyond(program)]))
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number
}
