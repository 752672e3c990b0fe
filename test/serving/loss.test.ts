import process from 'node:process'
import * as assert from 'uvu/assert'
import { playRound } from '../../bench/drain/round.ts'
import { ROWS, scaled } from '../../bench/drain/rows.ts'
import { SERVER } from '../../bench/drain/start-server.ts'
import { startProgram } from '../support/app.ts'
import { type TestContext, test } from '../support/suite.ts'

// Each load of `npm run bench -- drain`, by the same clients, small: two stops in the middle of it, and nothing is lost.
const STOPS = 2
const PART = 0.2
/** On a machine that is too busy to be asked, so many rounds prove nothing before that is a failure of its own. */
const MOST_TRIES = 8

for (const { name, server, crowds, impossible, momentMs, lateMs = Number.POSITIVE_INFINITY } of ROWS) {
  if (impossible) continue
  test(
    `no request is lost: ${name}`,
    async (t) => {
      for (let proved = 0, seed = 1; proved < STOPS; seed++) {
        assert.ok(seed <= MOST_TRIES, `the clients stood still for over ${lateMs} ms again and again`)
        const app = await start(t, JSON.stringify({ drain: 'lastcall', ...server }))
        const clients = scaled(crowds(), PART)
        const isTls = server.protocol === 'https'
        const { tally, wasKilled, stallMs } = await playRound(app, { crowds: clients, isTls, seed, momentMs })
        const { code, signal, stderr } = await app.ended
        if (stallMs > lateMs) continue
        const seen = `seed ${seed}, ${tally.answered} answered; the server said: ${stderr}`
        assert.equal([...tally.losses], [], seen)
        assert.equal(tally.lost, 0, seen)
        assert.not(wasKilled, `it had to be killed; ${seen}`)
        assert.equal({ code, signal }, { code: 0, signal: null }, seen)
        proved += 1
      }
    },
    { limitMs: 120_000 },
  )
}

async function start(t: TestContext, wish: string) {
  const app = await startProgram(t, [process.execPath, SERVER, wish], { ready: false })
  const port = Number((await app.says(/^listening (\d+)/m)).split(' ')[1])
  return { port, kill: app.kill, exited: app.exited, ended: app.exited }
}
