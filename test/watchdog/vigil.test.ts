import * as assert from 'uvu/assert'
import { type Alarm, type Sight, Vigil } from '../../lib/watchdog/vigil.ts'
import { test } from '../support/suite.ts'

const RESERVE_MS = 1_000

interface Play {
  readonly heartbeatMs?: number
  readonly deadlineAt?: number
  /** When main beats. */
  readonly beats: (at: number) => boolean
  /** What a sleep really takes. */
  readonly asleep?: (ms: number, now: number) => number
  readonly untilMs: number
  readonly isTelling?: boolean
}

/** Plays a life on a fake clock; returns when and why the watchdog barks first. */
function play({
  heartbeatMs,
  deadlineAt,
  beats,
  asleep = (ms) => ms,
  untilMs,
  isTelling,
}: Play): [number, Alarm] | undefined {
  const vigil = new Vigil(heartbeatMs)
  let now = 0
  let beatAt: number | undefined
  const sight = (): Sight => ({
    beatAt,
    deadline: deadlineAt === undefined ? undefined : { at: deadlineAt, reserveMs: RESERVE_MS },
    ...(isTelling && { isTelling }),
  })
  while (now < untilMs) {
    const wakesAt = now + asleep(vigil.sleepMs(now, sight()), now)
    for (let at = now; at < wakesAt; at++) if (beats(at)) beatAt = at
    now = wakesAt
    const alarm = vigil.woke(now, sight())
    if (alarm) return [now, alarm]
  }
  return undefined
}

const every = (ms: number) => (at: number) => at % ms === 0

test('without a deadline and a heartbeat it never barks', () => {
  assert.is(play({ beats: () => false, untilMs: 1e6 }), undefined)
})

test('a loop that is blocked past the deadline: half of the reserve later', () => {
  assert.equal(play({ deadlineAt: 29_000, beats: (at) => at < 5_000, untilMs: 1e5 }), [29_500, 'deadline'])
})

test('a loop that turns is let end the process by itself, and no longer than SIGKILL allows', () => {
  const [at = 0, alarm] = play({ deadlineAt: 29_000, beats: every(100), untilMs: 1e5 }) ?? []
  assert.is(alarm, 'deadline')
  assert.ok(at >= 29_750 && at < 30_000, `at ${at}`)
})

test('one that does not turn, but has told its report or writes it, has as long', () => {
  const [at = 0] = play({ deadlineAt: 29_000, beats: (at) => at < 5_000, isTelling: true, untilMs: 1e5 }) ?? []
  assert.ok(at >= 29_750 && at < 30_000, `at ${at}`)
})

test('a heart that stops: never before the time that is allowed, and not much later', () => {
  for (const heartbeatMs of [100, 1_000, 10_000, 60_000]) {
    const stopsAt = 100_000
    const [at = 0, alarm] =
      play({ heartbeatMs, beats: (at) => at < stopsAt && at % (heartbeatMs / 8) < 1, untilMs: 1e6 }) ?? []
    assert.is(alarm, 'heartbeat')
    const blockedMs = at - stopsAt
    assert.ok(blockedMs >= heartbeatMs && blockedMs <= heartbeatMs * 1.5 + 50, `${heartbeatMs}: after ${blockedMs}`)
  }
})

test('a block that is shorter is none, whenever it begins', () => {
  for (let begins = 10_000; begins < 10_130; begins += 7) {
    // A timer that is overdue fires at the end of the block.
    const ends = begins + 990
    const beats = (at: number): boolean => at === ends || ((at < begins || at > ends) && at % 125 === 0)
    assert.is(play({ heartbeatMs: 1_000, beats, untilMs: 20_000 }), undefined, `begins at ${begins}`)
  }
})

test('an app that takes long to load has no heart yet', () => {
  assert.is(play({ heartbeatMs: 1_000, beats: (at) => at > 60_000 && at % 125 === 0, untilMs: 70_000 }), undefined)
})

test('a machine that sleeps, or SIGSTOP: whoever overslept gives main all its time again', () => {
  const asleep = (ms: number, now: number): number => (now > 10_000 && now < 11_000 ? 3_600_000 : ms)
  // It beats late by nearly a heartbeat after the wake.
  const beats = (at: number): boolean => (at < 10_500 || at > 3_611_000) && at % 125 === 0
  assert.is(play({ heartbeatMs: 1_000, beats, asleep, untilMs: 3_620_000 }), undefined)
})

test('stopped across the deadline, main gets a moment to end by itself', () => {
  const asleep = (ms: number, now: number): number => (now > 20_000 ? Math.max(ms, 40_000 - now) : ms)
  const [at = 0] = play({ deadlineAt: 29_000, beats: (at) => at < 20_000, asleep, untilMs: 1e5 }) ?? []
  assert.ok(at >= 40_000 + RESERVE_MS / 4 && at <= 40_000 + RESERVE_MS, `at ${at}`)
})

test('what it is told while it sleeps is heard at least every five seconds', () => {
  assert.ok(new Vigil().sleepMs(0, { beatAt: undefined, deadline: { at: 1e9, reserveMs: 1_000 } }) <= 5_000)
})
