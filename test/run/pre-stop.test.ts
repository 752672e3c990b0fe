import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as assert from 'uvu/assert'
import { alive, processes, tree } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { jsonReport, runToEnd, saysSignals, startRun } from './run-cli.ts'

test('--pre-stop runs to its end before the signal, and says what it says on stderr', async (t) => {
  const app = await startRun(t, ['--json', '--pre-stop', 'echo leaving; sleep 0.3; echo left'], saysSignals())
  app.kill('SIGTERM')
  const ended = await app.exited
  assert.is(ended.code, 0)
  assert.match(ended.stderr, /^leaving\nleft\n/)
  const { hooks, children } = jsonReport(ended)
  const [leave, stop] = [hooks.find(({ name }) => name === '--pre-stop'), children[0]?.told[0]]
  assert.ok((leave?.durationMs ?? 0) >= 300)
  assert.ok((stop?.atMs ?? 0) >= 300, `told after ${stop?.atMs} ms`)
})

test('--pre-stop that hangs is killed with all that it started, and the command still has its time', async (t) => {
  const app = await startRun(t, ['--grace', '6', '--json', '--pre-stop', 'sleep 7654 | cat'], saysSignals())
  app.kill('SIGTERM')
  const ended = await app.exited
  assert.is(ended.code, 0)
  assert.match(ended.stdout, /cleaned up\n$/)
  const { outcome, hooks, children } = jsonReport(ended)
  assert.equal([outcome, children[0]?.killed], ['unclean', 0])
  assert.equal(
    hooks.map(({ name, outcome }) => [name, outcome]),
    [
      ['--pre-stop', 'timed out'],
      ['node', 'done'],
    ],
  )
  const started = processes().filter((p) => p.comm === 'sleep' && p.startTime >= app.identity.startTime)
  assert.equal(
    started.filter((p) => (p.ppid === 1 || p.ppid === app.pid) && alive(p)),
    [],
  )
})

test('--pre-stop that fails is reported, and stops nothing', async (t) => {
  const app = await startRun(t, ['--json', '--pre-stop', 'exit 3'], saysSignals())
  app.kill('SIGTERM')
  const ended = await app.exited
  assert.is(ended.code, 0)
  const hook = jsonReport(ended).hooks.find(({ name }) => name === '--pre-stop')
  assert.equal([hook?.outcome, hook?.error?.message], ['failed', '--pre-stop: code 3'])
})

test('--pre-stop is cut short when the command ends under it', async (t) => {
  const app = await startRun(
    t,
    ['--json', '--pre-stop', 'echo leaving; sleep 7655'],
    ['sh', '-c', 'echo ready; read -r line; exit 8'],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  )
  app.kill('SIGTERM')
  await app.says('leaving')
  app.process.stdin?.end('\n')
  const ended = await app.exited
  assert.equal([ended.code, jsonReport(ended).outcome], [8, 'clean'])
})

test('--pre-stop does not run where the command has ended by itself', async (t) => {
  const { code, stderr } = await runToEnd(t, ['--pre-stop', 'echo leaving'], ['true'])
  assert.equal([code, stderr], [0, ''])
})

test('a second SIGINT while --pre-stop runs kills everybody: 130', async (t) => {
  const app = await startRun(t, ['--json', '--pre-stop', 'echo leaving; sleep 7656'], saysSignals())
  app.kill('SIGINT')
  await app.says('leaving')
  const echo = performance.now() + 600
  await until('the echo window is over', () => performance.now() > echo)
  const all = tree(app.pid).slice(1)
  assert.ok(all.length >= 3, 'the command, sh and sleep')
  app.kill('SIGINT')
  const ended = await app.exited
  assert.equal([ended.code, jsonReport(ended).ended], [130, 'forced'])
  assert.equal(all.filter(alive), [])
  assert.not.match(ended.stdout, 'got')
})

test('--pre-stop with sleep or an address starts no shell', async (t) => {
  const asked: unknown[] = []
  const server = createServer(({ url, method }, response) => {
    asked.push([method, url])
    response.writeHead(url === '/busy' ? 503 : 204).end()
  })
  t.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const [asks, fails, sleeps] = await Promise.all(
    [`${at}/leave`, `${at}/busy`, 'sleep 0.2'].map(async (line) => {
      const app = await startRun(t, ['--json', '--pre-stop', line], saysSignals())
      app.kill('SIGTERM')
      return jsonReport(await app.exited).hooks.find(({ name }) => name === '--pre-stop')
    }),
  )
  assert.is(asks?.outcome, 'done')
  assert.is(fails?.error?.message, `--pre-stop: GET ${at}/busy answered 503`)
  assert.equal([sleeps?.outcome, (sleeps?.durationMs ?? 0) >= 199], ['done', true])
  assert.equal(asked.sort(), [
    ['GET', '/busy'],
    ['GET', '/leave'],
  ])
})
