import * as assert from 'uvu/assert'
import { isShell, isTrapShell, namesOf, STARTERS, titleOf } from '../../lib/process-tree/names.ts'
import { test } from '../support/suite.ts'

function named(title: string, exe: string, argv: readonly string[], expected: readonly string[]): void {
  test(`${title} is ${expected.join(', ')}`, () => {
    assert.equal([...namesOf({ exe, argv })].sort(), [...expected].sort())
  })
}

const NODE = '/usr/local/bin/node'

named('npm start, which renames itself,', NODE, ['npm start', '', ''], ['node', 'npm'])
named('npm by its file', NODE, ['node', '/usr/lib/node_modules/npm/bin/npm-cli.js', 'start'], ['node', 'npm'])
named('npx by its link', NODE, ['node', '/usr/local/bin/npx', 'serve'], ['node', 'npx'])
named('pnpm', NODE, ['node', '/usr/local/bin/pnpm.cjs', 'start'], ['node', 'pnpm'])
named('yarn, kept in the project,', NODE, ['node', '/app/.yarn/releases/yarn-4.1.0.cjs', 'start'], ['node', 'yarn'])
named(
  'npm-run-all by its folder',
  NODE,
  ['node', '/app/node_modules/npm-run-all/bin/npm-run-all/index.js', 'a'],
  ['node', 'npm-run-all'],
)
named(
  'concurrently by its folder',
  NODE,
  ['node', '/app/node_modules/concurrently/dist/bin/index.js'],
  ['node', 'concurrently'],
)
named('a server', NODE, ['node', 'server.js', 'npm'], ['node', 'server'])
named(
  'a server behind options',
  NODE,
  ['node', '--import', 'tsx', '--no-warnings', '-r', './a.cjs', '/app/server.mts'],
  ['node', 'server'],
)
named('node with code on its command line', NODE, ['node', '-e', 'npm'], ['node'])
named('node with code and a module', NODE, ['node', '--input-type=module', '--eval', 'npm'], ['node'])
named('node without a script', NODE, ['node'], ['node'])
named('index.js in the working folder', NODE, ['node', 'index.js'], ['node', 'index'])
named('a login shell', '/usr/bin/bash', ['-bash'], ['bash'])
named('the login shell of su', '/usr/bin/bash', ['-su'], ['bash'])
named('a #! script', '/usr/bin/dash', ['/bin/sh', './npm'], ['dash', 'sh'])
named('bash as sh', '/usr/bin/bash', ['sh', '-c', 'x'], ['bash', 'sh'])
named('busybox ash', '/bin/busybox', ['busybox', 'ash', 'start.sh'], ['ash', 'busybox'])
named('busybox by a link', '/bin/busybox', ['/bin/sh', 'start.sh'], ['busybox', 'sh'])
named('su of busybox', '/bin/busybox', ['su', '-c', 'x'], ['busybox', 'su'])
named('sudo, whose exe may not be read,', '', ['sudo', '-u', 'app', 'node', 'x'], ['sudo'])
named('sh, whose exe may not be read,', '', ['/bin/sh', '-c', 'x'], ['sh'])
named('npm, whose exe may not be read,', '', ['node', '/usr/bin/npm', 'start'], ['node', 'npm'])
named('a program that was replaced on disk', '/usr/bin/tini (deleted)', ['tini', '--', 'x'], ['tini'])
named('GNU parallel', '/usr/bin/perl', ['/usr/bin/perl', '/usr/bin/parallel', '-j2'], ['parallel', 'perl'])
named('gunicorn', '/usr/bin/python3.11', ['gunicorn: master [app:app]'], ['gunicorn', 'python3.11'])
named(
  'gunicorn as a module',
  '/usr/bin/python3.11',
  ['python3', '-m', 'gunicorn', 'app:app'],
  ['gunicorn', 'python3', 'python3.11'],
)
named(
  'a script of Python',
  '/usr/bin/python3.11',
  ['python3', '-u', '-W', 'ignore', '/srv/app.py'],
  ['app', 'python3', 'python3.11'],
)
named('bun run', '/usr/bin/bun', ['bun', 'run', 'server.ts'], ['bun', 'server'])
named('nginx', '/usr/sbin/nginx', ['nginx: master process nginx -g daemon off;'], ['nginx'])
named('a process without anything to read', '', [], [])

test('a shell is known by its executable or, where that may not be read, by what it is called', () => {
  assert.ok(isShell(['bash']) && isShell(['busybox', 'ash']) && isShell(['ksh93']))
  assert.not(isShell(['node', 'bash-like']))
})

test('only sh, bash, dash and ash are asked whether they run a trap', () => {
  assert.equal(
    ['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'mksh'].filter((name) => isTrapShell([name])),
    ['sh', 'bash', 'dash', 'ash'],
  )
})

test('a server, an interpreter and a shell are no starters', () => {
  assert.equal(
    ['node', 'server', 'python3', 'bash', 'gunicorn', 'nginx', 'postgres'].filter((name) => STARTERS.has(name)),
    [],
  )
})

test('the title of a process is its command line on one short line', () => {
  assert.is(titleOf({ exe: NODE, argv: ['/usr/local/bin/node', 'server.js'] }, 'node'), 'node server.js')
  assert.is(titleOf({ exe: '', argv: ['sh', '-c', 'a\n  b\n'] }, 'sh'), 'sh -c a b')
  assert.is(titleOf({ exe: '', argv: [''] }, 'kworker'), '[kworker]')
  const long = titleOf({ exe: '', argv: ['x', 'y'.repeat(100)] }, 'x')
  assert.is(long.length, 60)
  assert.match(long, /yyy\.\.\.$/)
})
