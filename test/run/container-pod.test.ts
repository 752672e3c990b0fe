import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { can } from '../support/can.ts'
import { Containers } from '../support/containers.ts'
import { alive, commandLine, type Process, processes, readProcess } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { jsonReport } from './run-cli.ts'

// A pod whose containers share their PID namespace: PID 1 is the pod's own (catatonit -P), as with Kubernetes'
// shareProcessNamespace, and `kill(-1)` by one container would end all others.
const apps = fileURLToPath(new URL('../apps/', import.meta.url))
const deaf = 'trap "" TERM; setsid sleep 30171 & echo ready; while :; do sleep 30172; done'

test(
  'in a pod that shares its PID namespace the last kill ends the command, and leaves the other containers alone',
  async (t) => {
    const containers = new Containers()
    const slim = containers.slimImage()
    containers.podman('pod', 'create', '--name', 'shares', '--network', 'host', '--share', 'net,ipc,uts,pid')
    t.after(() => containers.podman('pod', 'rm', '-f', '-t', '0', 'shares'))
    const inPod = ['--pod', 'shares', '-v', `${apps}:/app:ro`]
    const neighbour = await containers.start(t, 'neighbour', [...inPod, slim, 'node', '/app/says-signals.js', '0'])
    const app = await containers.start(t, 'command', [
      ...inPod,
      ...[slim, 'lastcall', 'run', '--json', '--grace', '2', '--', 'sh', '-c', deaf],
    ])
    const first = pidOf(containers, 'command')
    const beside = pidOf(containers, 'neighbour')
    const ours = await until(
      'the command and its daemon run',
      () => processes().filter(({ pid }) => /^sleep 3017[12]$/.test(commandLine(pid).trim())),
      (found) => found.length === 2,
    )

    containers.podman('kill', '--signal', 'TERM', 'command')
    const ended = await app.exited
    const { survivors, children } = jsonReport(ended)
    assert.equal([ended.code, survivors, (children[0]?.killed ?? 0) > 0], [137, [], true], ended.stderr)
    assert.equal([first, ...ours].filter(alive), [], 'nobody of the command is left')
    assert.ok(alive(beside), 'the neighbour lives')
    assert.not.match(neighbour.stdout, 'got ')
    assert.is(containers.podman('pod', 'inspect', '-f', '{{.State}}', 'shares'), 'Degraded')
  },
  { skip: can.root() || can.podman() || can.program('runc') || can.program('catatonit'), limitMs: 60_000 },
)

/** Seen from outside. */
function pidOf(containers: Containers, name: string): Process {
  return readProcess(Number(containers.podman('inspect', '-f', '{{.State.Pid}}', name))) as Process
}
