import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import * as assert from 'uvu/assert'
import { startCli, startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { test } from '../support/suite.ts'
import { jsonReport } from './run-cli.ts'
import { CLI, events, folder, service, startConfig } from './several-cli.ts'

test('commands start after those that they name are ready, whatever their order in the file, and stop the other way round', async (t) => {
  const app = await startConfig(t, {
    commands: {
      web: service(50, { after: ['cache', 'database'] }),
      cache: service(50, { after: ['database'] }),
      database: service(50),
    },
  })
  await app.says('web is ready')
  app.kill('SIGTERM')
  const { code, stdout, stderr } = await app.exited
  assert.equal(events(stderr), [
    ...['database', 'cache', 'web'].map((name) => `${name} is ready after`),
    'stopping: SIGTERM',
    ...['web', 'cache', 'database'].map((name) => `${name} ended with code 0`),
  ])
  assert.is(code, 0)
  const told = [...stdout.matchAll(/^(\w+) +\| (told|cleaned up)$/gm)].map(([, name, what]) => `${name} ${what}`)
  assert.equal(
    told,
    ['web', 'cache', 'database'].flatMap((name) => [`${name} told`, `${name} cleaned up`]),
  )
})

test('every line of output has its name before it, padded, on the stream that it came from, to the last line', async (t) => {
  const app = await startCli(t, ['run', 'a=echo one; echo two >&2', 'longer=printf "no newline, grüße"'], {
    ready: false,
  })
  const { code, stdout, stderr } = await app.exited
  assert.equal(stdout.trimEnd().split('\n').sort(), ['a      | one', 'longer | no newline, grüße'])
  assert.match(stderr, /^a {6}\| two$/m)
  assert.is(code, 0)
})

test('ten thousand lines of two commands arrive whole, with none lost', async (t) => {
  const count = 'i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo line $i; done'
  const app = await startCli(t, ['run', `a=${count}`, `b=${count}`], { ready: false })
  const { stdout, stderr } = await app.exited
  assert.not.match(stderr, /Warning/)
  for (const name of ['a', 'b']) {
    const lines = [...stdout.matchAll(new RegExp(`^${name} \\| line (\\d+)$`, 'gm'))].map(([, n]) => Number(n))
    assert.equal([lines.length, lines[0], lines.at(-1)], [5000, 1, 5000])
  }
  assert.is(stdout.trimEnd().split('\n').length, 10_000)
})

test('a command ends in the log after its last line', async (t) => {
  const line = `'${process.execPath}' '${CLI}' run 'a=seq 20000' 2>&1`
  const app = await startProgram(t, ['bash', '-c', line], { ready: false })
  const { stdout } = await app.exited
  assert.equal(stdout.trimEnd().split('\n').slice(-2), ['a | 20000', 'lastcall run: a ended with code 0'])
})

const coloured = '\u001b[36mone |\u001b[0m hello'
for (const [title, env, shown] of [
  ['no colour in a pipe', {}, false],
  ['FORCE_COLOR in a pipe', { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR before NO_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, false],
] as const) {
  test(`names are coloured as is usual: ${title}`, async (t) => {
    const app = await startCli(t, ['run', 'one=echo hello'], { ready: false, env })
    const { stdout } = await app.exited
    assert.is(stdout.includes(coloured), shown, stdout)
  })
}

test(
  'names are coloured on a terminal, and not with NO_COLOR',
  () => {
    for (const [env, shown] of [
      [{}, true],
      [{ NO_COLOR: '1' }, false],
    ] as const) {
      const { FORCE_COLOR: _, NO_COLOR: __, ...rest } = process.env
      const line = `${process.execPath} ${CLI} run "one=echo hello"`
      const { stdout } = spawnSync('script', ['-qec', line, '/dev/null'], {
        env: { ...rest, TERM: 'xterm', ...env },
        encoding: 'utf8',
        timeout: 15_000,
      })
      assert.is(stdout.includes(coloured), shown, stdout)
    }
  },
  { skip: can.program('script') },
)

test('a command that fails is started again; one that ends with 0 is not; out of restarts, everything stops', async (t) => {
  const app = await startConfig(
    t,
    {
      commands: { web: service(50), crash: 'echo once; exit 3', once: 'exit 0' },
    },
    { args: ['--json'] },
  )
  const ended = await app.exited
  assert.is(ended.code, 3)
  assert.is(ended.stdout.match(/^crash \| once$/gm)?.length, 5)
  const said = events(ended.stderr)
  assert.is(said.filter((line) => line === 'crash ended with code 3, again in ms').length, 4)
  assert.is(said.filter((line) => line === 'once ended with code 0').length, 1)
  assert.ok(
    said.some((line) => /^stopping: the end of crash \(ended 5 times in \d s\)$/.test(line)),
    said.join('\n'),
  )
  assert.match(ended.stdout, /^web +\| cleaned up$/m)
  const { outcome, exitCode, children } = jsonReport(ended)
  assert.equal([outcome, exitCode], ['unclean', 3])
  assert.equal(children.map(({ name, code }) => [name, code]).sort(), [
    ['crash', 3],
    ['once', 0],
    ['web', 0],
  ])
})

test('a command that is not ready in time is stopped, and what starts after it never starts', async (t) => {
  const slow = service(0, { ready: { line: 'never' }, readyTimeoutMs: 500, restart: 'never' })
  const app = await startConfig(t, {
    commands: { web: 'echo web starts', slow: { ...slow }, next: { command: 'echo next starts', after: ['slow'] } },
  })
  const { stderr, stdout } = await app.exited
  assert.match(stderr, /^lastcall run: slow was not ready in time$/m)
  assert.not.match(stdout, /next starts/)
})

test('a command whose folder goes before its turn could not be started, and is tried again like any that fails', async (t) => {
  const cwd = folder(t, {})
  const first = { command: `mkdir -p gone; rmdir gone; echo up; sleep 3000`, ready: { line: 'up' } }
  mkdirSync(join(cwd, 'gone'))
  const config = { commands: { first, next: { command: ['true'], cwd: 'gone', after: ['first'] } } }
  writeFileSync(join(cwd, 'lastcall.config.json'), JSON.stringify(config))
  const app = await startCli(t, ['run'], { ready: false, cwd })
  const { code, stderr } = await app.exited
  assert.equal(
    events(stderr).filter((line) => line.startsWith('next')),
    [...Array(4).fill('next could not be started, again in ms'), 'next could not be started'],
  )
  assert.is(code, 127)
})

test('--restart decides for named commands', async (t) => {
  const app = await startCli(t, ['run', '--restart', 'never', 'a=exit 4', 'b=sleep 0.3'], { ready: false })
  const { code, stderr } = await app.exited
  assert.equal([code, events(stderr).includes('a ended with code 4')], [4, true])
  const always = await startCli(t, ['run', '--restart', 'always', 'a=echo again'], { ready: false })
  assert.is((await always.exited).stdout, 'a | again\n'.repeat(5))
})

test('paths are relative to the file, env is added to ours, and null removes a variable', async (t) => {
  const inner = folder(t, {
    'app.json': JSON.stringify({
      commands: {
        where: {
          command: 'pwd; echo $ADDED, $KEPT, [$REMOVED], $TERMINATION_GRACE_PERIOD_SECONDS',
          env: { ADDED: 'added', REMOVED: null },
        },
      },
      terminationGracePeriodSeconds: 20,
    }),
  })
  const app = await startCli(t, ['run', '--config', `${inner}/app.json`], {
    ready: false,
    env: { KEPT: 'kept', REMOVED: 'no' },
  })
  const { stdout } = await app.exited
  assert.is(stdout, `where | ${inner}\nwhere | added, kept, [], 19\n`)
})

test('a line may define a function first, and begin with whatever else sh has', async (t) => {
  const lines = ['hello() { echo hello; }; hello', 'hello () { echo hello; }; hello', '{ echo hello; }', '(echo hello)']
  const more = ['if true; then echo hello; fi', 'A=hello; echo $A', '# it greets\necho hello', '! false; echo hello']
  const commands = Object.fromEntries([...lines, ...more].map((line, i) => [`c${i}`, line]))
  const app = await startConfig(t, { commands })
  const { stdout, stderr } = await app.exited
  assert.equal(stdout.match(/hello$/gm)?.length, 8, stderr)
})

test('output goes as it is, or nowhere, where the file says so', async (t) => {
  const app = await startConfig(t, {
    commands: {
      a: { command: 'printf "as it is"', output: 'inherit' },
      b: { command: 'echo nothing', output: 'ignore' },
    },
  })
  assert.is((await app.exited).stdout, 'as it is')
})
