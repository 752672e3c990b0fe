import { type KillTreeResult, killTree, type TreeProcess } from '../process-tree/index.ts'
import { KILL_HELP } from './help.ts'
import { readPidAndOptions } from './pid-argument.ts'
import { print } from './print.ts'
import { signalName } from './signal-name.ts'
import { UsageError } from './usage-error.ts'

/** `lastcall kill PID [--signal TERM] [--grace 10]`: 0 when nobody is left, 1 when somebody is. */
export async function killCommand(args: readonly string[]): Promise<number> {
  const given = readPidAndOptions('kill', args, {
    '--signal': 'value',
    '--grace': 'value',
    '--json': 'flag',
    '--help': 'flag',
  })
  if (given.has('--help')) {
    print(KILL_HELP)
    return 0
  }
  const problem = (text: string): UsageError => new UsageError('kill', text)
  const signal = signalName('--signal', given.value('--signal') ?? 'TERM', problem)
  const graceMs = seconds(given.value('--grace') ?? '10')
  const result = await killTree(given.pid(), { signal, graceMs })
  print(given.has('--json') ? `${JSON.stringify(result)}\n` : text(result, signal))
  return result.survivors.length === 0 ? 0 : 1
}

function seconds(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000
  throw new UsageError('kill', `--grace takes a number of seconds, 0 or more, got "${text}". Write 10.`)
}

function text(result: KillTreeResult, signal: NodeJS.Signals): string {
  const { told, ended, killed, survivors, denied, durationMs } = result
  const lines = told.map(({ pid, command, signal, atMs }) => `told    ${pid} ${command}: ${signal} after ${atMs} ms`)
  const left = survivors.map((one) => `left    ${one.pid} ${one.command}: ${why(one, denied)}`)
  const ways = [ended > 0 || killed === 0 ? `${ended} ended by themselves` : '', killed > 0 ? `${killed} killed` : '']
  const count = survivors.length === 0 ? 'nobody is left' : `${survivors.length} left`
  const summary = [...ways.filter(Boolean), count].join(', ')
  return `${[...lines, ...left, `${signal.slice(3)}: ${summary}, ${Math.round(durationMs)} ms`].join('\n')}\n`
}

function why(one: TreeProcess, denied: readonly TreeProcess[]): string {
  return denied.some(({ pid }) => pid === one.pid) ? 'this user may not signal it' : `in state ${one.state}`
}
