import process from 'node:process'
import * as assert from 'uvu/assert'
import { startProgram } from './app.ts'
import { alive, children, commandLine, environment, group, marked, readProcess, tree, zombies } from './processes.ts'
import { test } from './suite.ts'
import { until } from './until.ts'

test('a process is read with its parent, group, session, and a start time that tells it from the next with its pid', () => {
  const self = readProcess(process.pid)
  assert.is(self?.ppid, process.ppid)
  assert.ok(self && self.startTime > 0 && self.pgid > 0 && self.sid > 0, JSON.stringify(self))
  assert.ok(alive(self))
  assert.not.ok(alive({ ...self, startTime: self.startTime - 1 }))
})

test('a tree lists parents before their children, and a mark finds one that has left it', async (t) => {
  const script = 'sleep 60 & (setsid sleep 61 &) ; echo ready; wait'
  const app = await startProgram(t, ['sh', '-c', script], { env: { SUPPORT_TEST: 'a/b' } })
  const ofTree = tree(app.pid)
  assert.equal([ofTree[0]?.pid, ofTree.some((p) => commandLine(p.pid) === 'sleep 60')], [app.pid, true])
  const names = await until(
    'the daemon is there',
    () =>
      marked('SUPPORT_TEST', 'a')
        .map((p) => commandLine(p.pid))
        .sort(),
    (found) => found.includes('sleep 61'),
  )
  assert.equal(names, [`sh -c ${script}`, 'sleep 60', 'sleep 61'])
  assert.not.ok(group(app.pid).some((p) => commandLine(p.pid) === 'sleep 61'))
  assert.is(environment(app.pid).SUPPORT_TEST, 'a/b')
})

test('a zombie is a child of its parent, and not alive', async (t) => {
  // exec replaces the shell that would have reaped it.
  const app = await startProgram(t, ['sh', '-c', 'true & echo ready; exec sleep 60'])
  const [zombie] = await until(
    'there is a zombie',
    () => zombies(app.pid),
    (found) => found.length === 1,
  )
  assert.ok(zombie)
  assert.not.ok(alive(zombie))
  assert.equal(
    children(app.pid).map((p) => p.pid),
    [zombie.pid],
  )
})
