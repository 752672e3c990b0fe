import * as assert from 'uvu/assert'
import { alive, commandLine, kill, type Process, readProcess, tree } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { jsonReport, runToEnd, saysSignals, startRun } from './run-cli.ts'

test('a start script that swallows SIGTERM: the server beneath it is told once, cleans up, and all are gone', async (t) => {
  const app = await startRun(
    t,
    ['--json'],
    ['bash', '-c', 'echo starting; "$@"; exit $?', 'start.sh', ...saysSignals(3)],
  )
  app.kill('SIGTERM')
  const ended = await app.exited
  assert.is(ended.code, 3)
  assert.match(ended.stdout, /^starting\nready .*\ngot SIGTERM\ncleaning up\ncleaned up\n$/)
  const { outcome, children, survivors, hooks } = jsonReport(ended)
  assert.equal([outcome, survivors, hooks.map((hook) => hook.outcome)], ['clean', [], ['done']])
  assert.equal(
    children.map(({ name, killed, told }) => [name, killed, told.length]),
    [['bash', 0, 1]],
  )
})

test('each signal that stops arrives as itself', async (t) => {
  const stop = async (signal: NodeJS.Signals) => {
    const app = await startRun(t, [], saysSignals())
    app.kill(signal)
    const { code, stdout } = await app.exited
    assert.is(code, 0)
    assert.match(stdout, new RegExp(`^ready.*\ngot ${signal}\ncleaning up\ncleaned up\n$`))
  }
  await Promise.all((['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP'] as const).map(stop))
})

test('--stop-signal replaces SIGTERM, and nothing else', async (t) => {
  for (const [sent, arrives] of [
    ['SIGTERM', 'SIGQUIT'],
    ['SIGINT', 'SIGINT'],
  ] as const) {
    const app = await startRun(t, ['--stop-signal', 'QUIT'], saysSignals())
    app.kill(sent)
    assert.match((await app.exited).stdout, new RegExp(`\ngot ${arrives}\n`))
  }
})

test('who ignores the signal is named, and killed at the deadline', async (t) => {
  const app = await startRun(t, ['--grace', '4', '--json'], ['sh', '-c', 'trap "" TERM; echo ready; sleep 60; true'])
  // Between fork and exec the shell's child has the shell's name.
  await until(
    'sleep is there',
    () => tree(app.pid).map(({ pid }) => commandLine(pid)),
    (found) => found.some((line) => line.startsWith('sleep 60')),
  )
  app.kill('SIGTERM')
  const named = await app.says(/lastcall run: sleep 60 \(pid \d+\) ignores the signal, SIGKILL in \d\.\d s/)
  assert.ok(named)
  const ended = await app.exited
  assert.is(ended.code, 137)
  const report = jsonReport(ended)
  assert.equal([report.outcome, report.exitCode, report.survivors, report.children[0]?.killed], ['unclean', 137, [], 2])
  assert.match(report.faults.join(), /2 processes had to be killed: .*sleep 60 \(pid \d+, ignores the signal\)/)
  assert.ok(report.durationMs < 10_000, `${report.durationMs} ms`)
})

test('a stop that was not clean is one line on stderr', async (t) => {
  const app = await startRun(t, ['--grace', '4'], saysSignals(0, 'keeps SIGTERM'))
  app.kill('SIGTERM')
  const { code, stderr } = await app.exited
  assert.is(code, 137)
  assert.match(
    stderr,
    /^lastcall: unclean: .*1 process had to be killed: node .*says-signals\.js.* of 4 s.*exit code 137\n$/,
  )
})

test('SIGTERM again neither forces nor moves the deadline', async (t) => {
  const app = await startRun(t, ['--json'], saysSignals(4))
  app.kill('SIGTERM')
  await app.says('got SIGTERM')
  app.kill('SIGTERM')
  const ended = await app.exited
  assert.equal([ended.code, ended.stdout.match(/got SIGTERM/g)?.length], [4, 1])
  assert.is(jsonReport(ended).ended, 'done')
})

test('a second SIGINT over 500 ms after the first kills the tree: 130', async (t) => {
  const app = await startRun(t, ['--json'], ['sh', '-c', '"$@"; true', 'sh', ...saysSignals(0, 'keeps SIGINT')])
  app.kill('SIGINT')
  await app.says('got SIGINT')
  const echo = performance.now() + 600
  await until('the echo window is over', () => performance.now() > echo)
  app.kill('SIGINT')
  const ended = await app.exited
  assert.is(ended.code, 130)
  const report = jsonReport(ended)
  assert.equal([report.ended, report.exitCode, report.survivors], ['forced', 130, []])
  assert.match(report.faults.join(), /had to be killed/)
})

test('when the command ends by itself, what it left behind is stopped as well, and its code is kept', async (t) => {
  const daemon = `setsid ${saysSignals(0).join(' ')}`
  const app = await startRun(t, ['--json'], ['sh', '-c', `${daemon} & read -r line; exit 6`], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  app.process.stdin?.end('\n')
  const ended = await app.exited
  assert.is(ended.code, 6)
  assert.match(ended.stdout, /got SIGTERM\ncleaning up\ncleaned up\n$/)
  const { outcome, reason, children } = jsonReport(ended)
  assert.equal([outcome, reason.kind, reason.message, children[0]?.killed], ['clean', 'child', 'code 6', 0])
})

test('a daemon that left family, session and environment while the command ran is remembered, and gone', async (t) => {
  const leaves = '(env -i /usr/bin/setsid /bin/sleep 4321 & echo "daemon $!"; sleep 1) &'
  const app = await startRun(t, [], ['sh', '-c', `${leaves} sleep 0.1; echo ready; exec sleep 3000`])
  const pid = Number((await app.says(/daemon \d+/)).slice('daemon '.length))
  const daemon = readProcess(pid) as Process
  t.after(() => kill([daemon]))
  await until('it is an orphan', () => readProcess(pid)?.ppid !== daemon.ppid)
  app.kill('SIGTERM')
  assert.is((await app.exited).code, 143)
  assert.not.ok(alive(daemon))
})

test('a command that ended cleanly leaves no line, whatever its code', async (t) => {
  const { code, stderr } = await runToEnd(t, [], ['sh', '-c', 'sleep 0.1 & exit 1'])
  assert.equal([code, stderr], [1, ''])
})
