import process from 'node:process'
import * as assert from 'uvu/assert'
import { SERVER } from '../../../bench/drain/start-server.ts'
import { rollOut } from '../../../bench/rollout/roll-out.ts'
import { LOADS } from '../../../bench/rollout/routed.ts'
import { startProgram } from '../../support/app.ts'
import { can } from '../../support/can.ts'
import { test } from '../../support/suite.ts'

// The loads of `npm run bench -- rollout`, by the same clients: default options, in a cluster's environment. Side by side,
// since most of it is waiting.
test(
  'a rollout whose routing lags behind by 1.5 s and by 5 s refuses nobody, and resets nothing, under any load',
  async (t) => {
    const rollouts = [1_500, 5_000].flatMap((lagMs) => LOADS.map((load) => ({ lagMs, load })))
    await Promise.all(
      rollouts.map(async ({ lagMs, load }, seed) => {
        const wish = { drain: 'lastcall', protocol: 'http', handlerMs: 20, keepAliveMs: 60_000 }
        const app = await startProgram(t, [process.execPath, SERVER, JSON.stringify(wish)], {
          ...{ ready: /^listening \d+/m, env: { KUBERNETES_SERVICE_HOST: '192.0.2.1' } },
        })
        const port = Number(/^listening (\d+)/m.exec(app.stdout)?.[1])
        const { exited } = app
        const { tally } = await rollOut({ port, kill: app.kill, exited }, { load, lagMs, warmMs: 1_000, seed })
        const { code, stderr } = await exited
        const seen = `${load.name}, ${lagMs} ms; the server said: ${stderr}`
        assert.equal([[...tally.losses], tally.refused, tally.dropped, code], [[], 0, 0, 0], seen)
        assert.ok(tally.answered > 20, seen)
        assert.match(stderr, 'lame duck')
      }),
    )
  },
  { skip: can.linux(), limitMs: 60_000 },
)
