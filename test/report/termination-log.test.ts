import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { TERMINATION_LOG, TerminationLog } from '../../lib/report/termination-log.ts'
import { startApp, startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { type TestContext, test } from '../support/suite.ts'

const LINE = 'lastcall: clean: SIGTERM, done in 5 ms of 30 s; 1 hook, exit code 0'
const read = (path: string): string => readFileSync(path, 'utf8')

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'lastcall-message-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A file as the kubelet makes it: empty, and anybody may write. */
function message(t: TestContext, text = ''): string {
  const path = join(folder(t), 'termination-log')
  writeFileSync(path, text)
  chmodSync(path, 0o666)
  return path
}

test('the line is written into the file itself, which keeps its inode', (t) => {
  const path = message(t)
  execFileSync('ln', [path, `${path}.kubelet`])
  assert.is(new TerminationLog(path).tell(LINE), undefined)
  assert.is(read(`${path}.kubelet`), LINE)
})

test('what was there stays beneath it, less what the same process had said', (t) => {
  const path = message(t, 'the app: no disk\n')
  const below = new TerminationLog(path)
  below.tell('lastcall: a longer first line of the same process')
  below.tell('lastcall: second')
  assert.is(read(path), 'lastcall: second\nthe app: no disk')
  new TerminationLog(path).tell('lastcall: the one above')
  assert.is(read(path), 'lastcall: the one above\nlastcall: second\nthe app: no disk')
})

test('all of it is at most 2,048 bytes, in whole characters, and ours is on top', (t) => {
  for (const letter of ['a', 'ü', '€', '😀']) {
    for (let shift = 0; shift < 4; shift++) {
      const path = message(t, `${'x'.repeat(shift)}${letter.repeat(9_000)}`)
      assert.is(new TerminationLog(path).tell(LINE), undefined)
      const bytes = readFileSync(path)
      assert.ok(bytes.length <= 2_048 && bytes.length > 2_044, `${bytes.length} bytes`)
      assert.equal(Buffer.from(bytes.toString('utf8')), bytes)
      assert.not.match(bytes.toString('utf8'), '\ufffd')
      assert.ok(bytes.toString('utf8').startsWith(`${LINE}\n`))
    }
  }
})

test('a file named by option is made; the usual one never is, nor is it said what is missing', async (t) => {
  const path = join(folder(t), 'message')
  const app = await startApp(t, 'slow-hook', { args: ['5'], options: { terminationLog: path } })
  app.kill('SIGTERM')
  const { report } = await app.exited
  assert.match(read(path), `lastcall: ${report.verdict}; `)
  if (existsSync(TERMINATION_LOG)) return
  // Left there by a run that failed, it would be taken for a pod's.
  t.after(() => rmSync(TERMINATION_LOG, { force: true }))
  const usual = await startApp(t, 'slow-hook', { args: ['5'] })
  usual.kill('SIGTERM')
  assert.match((await usual.exited).stderr, /^lastcall: clean: [^\n]*\n$/)
  assert.not.ok(existsSync(TERMINATION_LOG))
})

test("somebody's process.exit in the middle is told", async (t) => {
  const path = message(t)
  const app = await startApp(t, 'exits-in-hook', { options: { terminationLog: path } })
  app.kill('SIGTERM')
  const { report } = await app.exited
  assert.is(report.ended, 'process.exit')
  assert.match(read(path), /^lastcall: unclean: process\.exit\(0\) was called .*exits-in-hook\.js/)
})

test(
  'the watchdog tells, in one line and on top',
  async (t) => {
    const path = message(t, 'from below')
    const options = { terminationGracePeriodSeconds: 2, terminationLog: path }
    const app = await startApp(t, 'counts-threads', { args: ['block'], options })
    app.kill('SIGTERM')
    const { report } = await app.exited
    assert.is(report.ended, 'blocked')
    const [first, second, ...others] = read(path).split('\n')
    assert.match(first as string, /^lastcall: unclean: the event loop was blocked/)
    assert.equal([second, others], ['from below', []])
  },
  { skip: can.linux() },
)

test(
  'with false the file is left alone',
  async (t) => {
    const path = message(t, 'mine')
    const app = await startMounted(t, path, 'slow-hook', ['5'], { terminationLog: false })
    app.kill('SIGTERM')
    assert.is((await app.exited).code, 0)
    assert.is(read(path), 'mine')
  },
  { skip: can.root() || can.pidNamespace() },
)

for (const [what, make] of [
  ['a folder', (path: string) => mkdirSync(path)],
  ['a pipe that nobody reads', (path: string) => execFileSync('mkfifo', [path])],
  ['nothing, its folder having gone', (path: string) => rmSync(join(path, '..'), { recursive: true })],
] as const) {
  test(`${what} in its place costs nothing, and is said once, to DEBUG alone`, async (t) => {
    const path = join(folder(t), 'message')
    const options = { terminationLog: path, exit: true }
    for (const env of [{}, { DEBUG: 'lastcall:report' }]) {
      mkdirSync(join(path, '..'), { recursive: true })
      const app = await startApp(t, 'slow-hook', { args: ['5'], options, env })
      rmSync(path, { recursive: true, force: true })
      make(path)
      app.kill('SIGTERM')
      const { code, stderr, report } = await app.exited
      assert.equal([code, report.outcome], [0, 'clean'], stderr)
      const said = stderr.split('\n').filter((line) => line.includes(path))
      assert.is(said.length, env.DEBUG ? 1 : 0, stderr)
      rmSync(path, { recursive: true, force: true })
    }
  })
}

test(
  'a full disk costs nothing but the part that found no room, in whole characters',
  (t) => {
    const disk = folder(t)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'none', disk])
    t.after(() => execFileSync('umount', [disk]))
    const path = join(disk, 'message')
    writeFileSync(path, '')
    try {
      writeFileSync(join(disk, 'fills it'), Buffer.alloc(100_000))
    } catch {
      // That is the point.
    }
    assert.match(new TerminationLog(path).tell(LINE)?.message ?? '', 'ENOSPC')
    assert.is(read(path), '')
  },
  { skip: can.root() },
)

test(
  'a file that may not be written costs nothing',
  async (t) => {
    const path = message(t)
    chmodSync(path, 0o444)
    const app = await startMounted(t, path, 'slow-hook', ['5'], {}, ['setpriv', '--reuid=65534', '--clear-groups'])
    app.kill('SIGTERM')
    const { code, stderr } = await app.exited
    assert.is(code, 0, stderr)
    assert.match(stderr, /^lastcall: clean: [^\n]*\n$/)
    assert.is(read(path), '')
  },
  { skip: can.root() || can.pidNamespace() },
)

test(
  'the usual place needs no option: a mounted file, also for an ordinary user and on a read-only root',
  async (t) => {
    const path = message(t)
    const app = await startMounted(t, path, 'hung-hook', ['close'], { terminationGracePeriodSeconds: 1 }, [
      'setpriv',
      '--reuid=65534',
      '--clear-groups',
    ])
    app.kill('SIGTERM')
    const { code, stderr } = await app.exited
    assert.is(code, 1)
    assert.match(stderr, 'hung close (close) timed out')
    assert.is(`${read(path)}\n`, stderr)
  },
  { skip: can.root() || can.pidNamespace() },
)

test(
  "below run the service says its line, and run's is put on top",
  async (t) => {
    const path = message(t)
    const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
    const app = await startMounted(t, path, 'hung-hook', ['close'], { terminationGracePeriodSeconds: 1 }, [
      ...[process.execPath, cli, 'run', '--grace', '5', '--'],
    ])
    app.kill('SIGTERM')
    const { code } = await app.exited
    assert.is(code, 1)
    const lines = read(path).split('\n')
    assert.is(lines.length, 2, read(path))
    assert.match(lines[0] as string, /^lastcall: clean: SIGTERM, done in .* exit code 1$/)
    assert.match(lines[1] as string, /^lastcall: unclean: hook hung close \(close\) timed out/)
  },
  { skip: can.root() || can.pidNamespace() },
)

test(
  "a thread with a shutdown of its own says nothing: the message is the process's",
  async (t) => {
    const path = message(t)
    const threads = JSON.stringify([['resizer', 'thread-with-hooks.js', {}]])
    const app = await startMounted(t, path, 'adopts-threads', [], {}, ['env', `LASTCALL_TEST_THREADS=${threads}`])
    app.kill('SIGTERM')
    const { stdout, stderr } = await app.exited
    assert.match(stdout, 'thread says lastcall: clean')
    assert.is(`${read(path)}\n`, stderr)
  },
  { skip: can.root() || can.pidNamespace() },
)

/** An app under `prefix`, in a mount namespace with `path` where the kubelet mounts it, and a /dev that is read-only. */
function startMounted(
  t: TestContext,
  path: string,
  name: string,
  args: readonly string[],
  options: object,
  prefix: readonly string[] = [],
) {
  const app = fileURLToPath(new URL(`../apps/${name}.js`, import.meta.url))
  const script = `mount -t tmpfs none /mnt && cp -a /dev/null /mnt && : > /mnt/termination-log &&
    mount --move /mnt /dev && mount --bind "$0" /dev/termination-log && mount -o remount,bind,ro /dev && exec "$@"`
  return startProgram(t, ['unshare', '--mount', 'sh', '-c', script, path, ...prefix, process.execPath, app, ...args], {
    env: { LASTCALL_TEST_OPTIONS: JSON.stringify(options), LASTCALL_TEST_REPORT: undefined },
  })
}
