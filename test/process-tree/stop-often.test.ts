import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { test } from '../support/suite.ts'

const often = [process.execPath, '--import', 'tsx', fileURLToPath(new URL('stop-often.ts', import.meta.url))]
const AS_NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']

const TITLES = {
  'after-work': 'of `sh -c "a; sleep 0.3; b"` b is run',
  launcher: 'a launcher without a handler ends with the code of `sh -c "a; true"`',
  pipeline: '`server | node reader` keeps its last lines',
}

/** Races that pass a single run. */
for (const [name, title] of Object.entries(TITLES)) {
  for (const [user, prefix] of [
    ['the user of the test', []],
    ['an ordinary user', AS_NOBODY],
  ] as const) {
    const skip = prefix.length > 0 && can.root()
    test(
      `50 times, as ${user}: ${title}`,
      async (t) => {
        const app = await startProgram(t, [...prefix, ...often, name, '50'], { ready: false, env: { HOME: '/' } })
        const { code, stdout, stderr } = await app.exited
        assert.equal([code, stderr, JSON.parse(stdout)], [0, '', { rounds: 50, wrong: [] }])
      },
      { skip, limitMs: 120_000 },
    )
  }
}
