import process from 'node:process'
import * as assert from 'uvu/assert'
import { newCookie, TREE_COOKIE } from '../../lib/process-tree/cookie.ts'
import { type ProcessStat, readStat } from '../../lib/process-tree/find-linux.ts'
import { Members } from '../../lib/process-tree/members.ts'
import { type App, startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { alive, processes } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import * as programs from './programs.ts'

const skip = can.linux() || can.program('perl')

interface Tree {
  readonly app: App
  readonly root: ProcessStat
  readonly cookie: string
}

async function start(t: TestContext, command: readonly string[]): Promise<Tree> {
  const cookie = newCookie()
  const app = await startProgram(t, command, { env: { [TREE_COOKIE]: cookie } })
  return { app, root: readStat(app.pid) as ProcessStat, cookie }
}

test(
  'a tree is found by descent: fan and chain',
  async (t) => {
    for (const shape of [programs.fan(20), programs.chain(20)]) {
      const { root } = await start(t, shape)
      const found = new Members(root, { ownGroup: false }).scan()
      assert.equal([found.length, found.at(-1)?.foundBy], [21, 'root'])
      const pids = found.map(({ pid }) => pid)
      assert.equal(
        pids,
        [...pids].sort((a, b) => b - a),
        'not newest first',
      )
    }
  },
  { skip },
)

test(
  'a daemon is found by its mark',
  async (t) => {
    const { root, cookie } = await start(t, programs.daemon)
    const found = new Members(root, { cookie, ownGroup: true }).scan()
    assert.equal(
      found.map((m) => m.foundBy),
      ['cookie', 'root'],
    )
  },
  { skip },
)

test(
  'an orphan without a mark is found by its group',
  async (t) => {
    const { root } = await start(t, programs.doubleFork)
    const found = new Members(root, { ownGroup: true }).scan()
    assert.equal(
      found.map((m) => m.foundBy),
      ['group', 'root'],
    )
  },
  { skip },
)

test(
  'the group finds the tree of a root that has gone',
  async (t) => {
    const { root, app } = await start(t, programs.doubleFork)
    process.kill(app.pid, 'SIGKILL')
    await app.exited
    await until('the root is reaped', () => readStat(root.pid) === undefined)
    assert.is(new Members(root, { ownGroup: true }).scan().length, 1)
  },
  { skip },
)

test(
  'who was once a member stays one: no parent, no mark, no group',
  async (t) => {
    const { root, cookie, app } = await start(t, programs.clearedAndDetached)
    const members = new Members(root, { cookie, ownGroup: true })
    await until(
      'perl, perl, sh and sleep are seen',
      () => members.scan(),
      (now) => now.length === 4,
    )
    process.kill(Number(await app.says(/^\d+$/m)), 'SIGKILL')
    const left = await until(
      'the parent is gone',
      () => members.scan(),
      (now) => now.length === 3,
    )
    const sh = left.find(({ comm }) => comm === 'sh')
    assert.equal([sh?.foundBy, sh?.ppid === root.pid], ['descent', false])
    const late = new Members(root, { cookie, ownGroup: true }).scan()
    assert.is(late.length, 1, 'it would be found anyway: the test shows nothing')
  },
  { skip },
)

test(
  'a process below a marked one that cleared its environment is found by descent',
  async (t) => {
    const { root, cookie } = await start(t, programs.clearedEnvironment)
    const members = new Members(root, { cookie, ownGroup: true })
    const found = await until(
      'sh and sleep',
      () => members.scan(),
      (now) => now.length === 3,
    )
    assert.ok(found.every((m) => m.foundBy !== 'cookie' || m.comm === 'perl'))
  },
  { skip },
)

test(
  'zombies are no living members',
  async (t) => {
    const { root } = await start(t, programs.zombies(5))
    const members = new Members(root, { ownGroup: true })
    const reading = await until(
      'five have ended',
      () => members.read(),
      ({ zombies }) => zombies.length === 5,
    )
    assert.equal(
      reading.living.map(({ pid }) => pid),
      [root.pid],
    )
  },
  { skip },
)

test(
  'a process whose main thread has ended is alive, though it shows as a zombie',
  async (t) => {
    const code =
      'import ctypes,threading,time; threading.Thread(target=time.sleep,args=(60,)).start(); print("ready",flush=True); ctypes.CDLL(None).pthread_exit(None)'
    const { root } = await start(t, ['python3', '-c', code])
    const members = new Members(root, { ownGroup: true })
    const found = await until(
      'its main thread ends',
      () => members.scan(),
      ([one]) => one?.state === 'Z',
    )
    assert.is(found.length, 1)
  },
  { skip: skip || can.program('python3') },
)

test(
  'another process with the pid of the root is no member, and neither is its group',
  async (t) => {
    const { root } = await start(t, programs.fan(3))
    const members = new Members({ pid: root.pid, startTime: root.startTime - 1 }, { ownGroup: true })
    assert.equal([...members.groups], [])
    assert.equal(members.scan(), [])
    assert.equal([...members.groups], [])
  },
  { skip },
)

test(
  'what stands beside the root in its group is no member',
  async (t) => {
    const { app } = await start(t, ['sh', '-c', 'sleep 60 & echo "root $!"; sleep 60 & echo ready; wait'])
    const pid = Number((await app.says(/root \d+/)).slice(5))
    const members = new Members(readStat(pid) as ProcessStat, { ownGroup: false })
    assert.equal(pids(members.scan()), [pid])
    assert.equal([...members.groups], [])
  },
  { skip },
)

test(
  'nor is it where the leader of that group has gone',
  async (t) => {
    const app = await startProgram(t, ['sh', '-c', 'sleep 60 & echo "root $!"; sleep 60 & echo ready'])
    const pid = Number((await app.says(/root \d+/)).slice(5))
    await until('the leader is reaped', () => readStat(app.pid) === undefined)
    const members = new Members(readStat(pid) as ProcessStat, { ownGroup: false })
    assert.equal(pids(members.scan()), [pid])
    assert.equal([...members.groups], [])
  },
  { skip },
)

test(
  'our own group and session never belong to a tree whole',
  async (t) => {
    const { root } = await start(t, programs.fan(1))
    const ours = await startProgram(t, programs.fan(2), { detached: false })
    const members = new Members(readStat(ours.pid) as ProcessStat, { ownGroup: true })
    assert.equal(
      members.scan().map((m) => m.foundBy),
      ['descent', 'descent', 'root'],
    )
    assert.equal([...members.groups], [])
    assert.ok(alive(root.pid))
    assert.is(readStat(process.pid)?.pgid, readStat(ours.pid)?.pgid)
  },
  { skip },
)

test(
  'a nested tree has a mark of its own, and the outer one finds it too',
  async (t) => {
    const outer = newCookie('')
    const inner = newCookie(outer)
    const app = await startProgram(t, programs.daemon, { env: { [TREE_COOKIE]: inner } })
    const root = readStat(app.pid) as ProcessStat
    const outsider = { pid: root.pid, startTime: root.startTime + 1 }
    assert.is(new Members(root, { cookie: inner, ownGroup: false }).scan().length, 2)
    assert.is(new Members(outsider, { cookie: outer, ownGroup: false }).scan().length, 2)
    assert.is(new Members(outsider, { cookie: newCookie(outer), ownGroup: false }).scan().length, 0)
  },
  { skip },
)

test(
  'of ourselves only the descendants are members',
  async (t) => {
    const { app } = await start(t, programs.fan(2))
    const own = readStat(process.pid) as ProcessStat
    const found = new Members(own, { ownGroup: false }).scan().map(({ pid }) => pid)
    assert.ok(found.includes(app.pid))
    assert.not.ok(found.includes(process.pid))
    assert.not.ok(found.includes(process.ppid))
    assert.ok(processes().length > found.length)
  },
  { skip },
)

function pids(members: readonly ProcessStat[]): number[] {
  return members.map(({ pid }) => pid)
}
