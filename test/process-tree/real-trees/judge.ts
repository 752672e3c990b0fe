import type { Round } from './round.ts'
import type { Tree } from './tree.ts'

/** `lost`: cleanup, its order, a request, last lines, or somebody is left; `again`: told twice; `code`: not the command's own. */
export interface Fault {
  readonly kind: 'lost' | 'again' | 'code' | 'late'
  readonly text: string
}

/** Everything that was not as the tree's expectation says; empty if all was. */
export function judge({ expect, request }: Tree, round: Round): Fault[] {
  const { events } = round
  const faults: Fault[] = []
  const wrong = (kind: Fault['kind'], holds: boolean, text: string) => void (holds || faults.push({ kind, text }))
  const count = (text: string) => events.filter((line) => line.includes(text)).length

  const pids = (name: string, event: string) => events.filter((line) => line.startsWith(`${name} ${event} pid `)).length
  for (const name of expect.cleaned ?? ['a']) {
    // One that a loop started again may end before it is ready: it has nothing to clean up yet.
    const [ready, cleaned] = [pids(name, 'ready'), pids(name, 'cleaned')]
    wrong('lost', cleaned > 0 && cleaned === ready, `${name} cleaned up ${cleaned}× and was ready ${ready}×`)
  }
  for (const [who, times] of tellings(events)) {
    const allowed = (expect.toldTwice ?? []).some((name) => who.startsWith(`${name} `)) ? 2 : 1
    wrong('again', times <= allowed, `${who} was told ${times}×`)
  }
  let at = -1
  for (const text of expect.order ?? []) {
    const next = events.findIndex((line, index) => index > at && line.includes(text))
    wrong('lost', next >= 0, `no "${text}" after ${events[at] ?? 'the start'}`)
    if (next >= 0) at = next
  }
  for (const text of expect.once ?? [])
    wrong('lost', count(text) === 1, `"${text}" stands ${count(text)}× in events.log`)
  for (const text of expect.never ?? []) wrong('lost', count(text) === 0, `"${text}" stands in events.log`)
  for (const [name, text] of Object.entries(expect.kept ?? {})) {
    wrong('lost', round.file(name).includes(text), `${name} lost its "${text}"`)
  }
  wrong(
    'lost',
    (round.requestBytes ?? 0) >= (request?.bytes ?? 0),
    `the request got ${round.requestBytes} bytes of ${request?.bytes}`,
  )
  wrong('code', round.code === expect.code, `code ${round.code}, not ${expect.code}`)
  wrong('lost', round.left.length === 0, `left behind: ${round.left.join(', ')}`)
  const limit = limitMs(expect.ms)
  wrong('late', round.ms <= limit, `took ${Math.round(round.ms)} ms, more than ${limit}`)
  return faults
}

/** Three times what it takes on a quiet machine, and a second for one that is busy with other trees. */
export function limitMs(figure: number): number {
  return figure * 3 + 1000
}

/** `a pid 7` → how often it was told, whatever the signal. */
export function tellings(events: readonly string[]): Map<string, number> {
  const times = new Map<string, number>()
  for (const line of events) {
    const found = line.match(/^(\S+) told \S+ (pid \d+)$/)
    if (found) times.set(`${found[1]} ${found[2]}`, (times.get(`${found[1]} ${found[2]}`) ?? 0) + 1)
  }
  return times
}
