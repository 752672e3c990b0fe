import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { startProgram } from '../../support/app.ts'
import { can } from '../../support/can.ts'
import { type TestContext, test } from '../../support/suite.ts'

// A network of its own, since the firewall is the network's.
const skip = can.linux() || can.root() || can.program('unshare') || can.program('ip') || can.program('iptables')
const SCRIPT = fileURLToPath(new URL('./half-open.ts', import.meta.url))

test(
  'a client between SYN and ACK is let in, and answered',
  async (t) => {
    const { code, answer } = await stopped(t, 'comes')
    assert.equal([code, answer], [0, 'HTTP/1.1 200 OK'])
  },
  { skip },
)

test(
  'a client between SYN and ACK that does not come is not waited for long',
  async (t) => {
    const { code, answer, exitMs } = await stopped(t, 'stays-away')
    assert.equal([code, answer], [0, ''])
    assert.ok(exitMs < 5_000, `it took ${exitMs} ms`)
  },
  { skip },
)

async function stopped(t: TestContext, client: string): Promise<{ code: number; answer: string; exitMs: number }> {
  const inside = [
    'sh',
    '-c',
    'ip link set lo up && exec "$@"',
    'sh',
    process.execPath,
    '--import',
    'tsx',
    SCRIPT,
    client,
  ]
  const app = await startProgram(t, ['unshare', '--net', ...inside], { ready: false })
  const { stdout, stderr } = await app.exited
  assert.match(stdout, /^\{/, stderr)
  return JSON.parse(stdout)
}
