import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { startProgram } from '../../support/app.ts'
import { can } from '../../support/can.ts'
import { test } from '../../support/suite.ts'

const SCRIPT = fileURLToPath(new URL('./unreachable.ts', import.meta.url))
const NO_IPV6 = 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6'
const ONE_MORE = 'ip addr add 10.9.9.9/32 dev lo'

for (const [which, before, host, then, closes] of [
  ['without IPv6, as in many containers, a listener on :: is reached by IPv4', NO_IPV6, '::', [], true],
  [
    'whose address has gone, a listener is given up at once',
    ONE_MORE,
    '10.9.9.9',
    ['ip addr del 10.9.9.9/32 dev lo'],
    false,
  ],
] as const) {
  test(
    `in a network ${which}`,
    async (t) => {
      const script = ['sh', '-c', `ip link set lo up && ${before} && exec "$@"`, 'sh']
      const command = [...script, process.execPath, '--import', 'tsx', SCRIPT, host, ...then]
      const app = await startProgram(t, ['unshare', '--net', ...command], { ready: false })
      const { stdout, stderr } = await app.exited
      assert.match(stdout, /^\{/, stderr)
      const { closed, ms } = JSON.parse(stdout)
      assert.equal([closed, ms < 900], [closes, true], stdout)
    },
    { skip: can.linux() || can.root() || can.program('unshare') || can.program('ip') },
  )
}
