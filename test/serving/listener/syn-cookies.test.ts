import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { startProgram } from '../../support/app.ts'
import { can } from '../../support/can.ts'
import { test } from '../../support/suite.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
// In a network of its own: the setting is the network's.
const IN_NETWORK = 'ip link set lo up && echo "$0" > /proc/sys/net/ipv4/tcp_syncookies && exec "$@"'

for (const [setting, what] of [
  ['2', 'answers every handshake by a cookie, our own too: nothing is waited for'],
  ['0', 'knows no cookies'],
] as const) {
  test(
    `a kernel that ${what}, and nothing is lost`,
    async (t) => {
      const bench = ['bench/drain.ts', '--rounds', '2', '--peers', 'none', '--row', 'new connections, 50 clients']
      const inside = ['sh', '-c', IN_NETWORK, setting, process.execPath, '--import', 'tsx', ...bench]
      const app = await startProgram(t, ['unshare', '--net', ...inside], { ready: false, cwd: ROOT })
      const { code, stdout, stderr } = await app.exited
      const [, lost, slowest] = /lost (\d+) .* exit \d+–(\d+) ms/.exec(stdout) ?? []
      assert.equal([code, lost], [0, '0'], stdout + stderr)
      assert.ok(Number(slowest) < 1_400, stdout)
    },
    { skip: can.linux() || can.root() || can.program('unshare') || can.program('ip'), limitMs: 60_000 },
  )
}
