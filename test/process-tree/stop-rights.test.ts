import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import type { StopResult } from '../../lib/process-tree/stop/stop-result.ts'
import { startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { type TestContext, test } from '../support/suite.ts'
import { type StartedScript, startScript } from './started-script.ts'

const AS_NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']

/** What Docker and containerd leave to root: no CAP_SYS_PTRACE, so exe and fds of other users cannot be read. */
const DOCKERS =
  '+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap'
const AS_IN_DOCKER = ['setpriv', '--bounding-set', `-all,${DOCKERS}`, '--inh-caps', '-all']

async function stopAs(
  t: TestContext,
  prefix: readonly string[],
  script: StartedScript,
  timeoutMs: number,
): Promise<StopResult> {
  const driver = await startProgram(t, [
    ...[...prefix, process.execPath, '--import', 'tsx', fileURLToPath(new URL('stop-driver.ts', import.meta.url))],
    ...[String(script.app.pid), script.members.cookie as string, String(timeoutMs)],
  ])
  const { stdout, stderr } = await driver.exited
  assert.is(stderr, '')
  return JSON.parse(stdout.replace('ready\n', '')) as StopResult
}

test(
  'what an ordinary user may not signal is reported, and not waited for beyond the limit',
  async (t) => {
    // As below sudo: the shell and b are root's, a is the user's own.
    const text = `${AS_NOBODY.join(' ')} perl server.pl a 0.05 & perl server.pl b 0.05; true`
    const script = await startScript(t, text, { ready: ['a ready', 'b ready'] })
    const result = await stopAs(t, AS_NOBODY, script, 2_000)
    assert.equal(script.events().slice(2), ['a told SIGTERM', 'a cleaned'])
    assert.equal(
      result.told.map(({ name }) => name),
      ['perl server.pl a 0.05'],
    )
    const roots = [
      script.app.pid,
      ...script
        .children()
        .filter((p) => p.state !== 'Z')
        .map(({ pid }) => pid),
    ]
    assert.equal(result.denied.map(({ pid }) => pid).sort(), roots.sort())
    assert.equal(result.survivors.map(({ pid }) => pid).sort(), roots.sort())
    assert.ok(result.durationMs < 15_000)
  },
  { skip: can.root(), limitMs: 40_000 },
)

test(
  'with the rights of root in a container, a server of another user is told, and tee keeps its last line',
  async (t) => {
    const text = `${AS_NOBODY.join(' ')} sh -c 'perl server.pl a 0.05 | tee log; echo "after a" >>events.log'; exit $?`
    const script = await startScript(t, text)
    const result = await stopAs(t, AS_IN_DOCKER, script, 10_000)
    assert.equal(script.events(), ['a ready', 'a told SIGTERM', 'a cleaned', 'after a'])
    assert.equal([result.killed, result.denied, result.told.length], [0, [], 1])
    const { code, stdout } = await script.app.exited
    assert.is(code, 0)
    assert.match(stdout, 'a: last line')
  },
  { skip: can.root(), limitMs: 40_000 },
)
