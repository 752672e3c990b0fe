import * as assert from 'uvu/assert'
import { newCookie, TREE_COOKIE } from '../../lib/process-tree/cookie.ts'
import { listTree } from '../../lib/process-tree/index.ts'
import { startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import * as programs from './programs.ts'

const skip = can.linux() || can.program('perl')

test('a mark below something that is no text is refused', () => {
  assert.throws(() => newCookie(Symbol('a') as never), /option parent must be a text, got Symbol\(a\)/)
})

test(
  'a list tells the command, the parent, the state, and what each does with SIGTERM',
  async (t) => {
    const kinds = ['', 'trap : TERM; ', 'trap "" TERM; '].map(
      (trap) => `sh -c '${trap}echo up; while :; do read x; done' &`,
    )
    const app = await startProgram(t, ['sh', '-c', `tail -f /dev/null | { ${kinds.join('\n')} wait; }`], {
      ready: /(up\s+){3}/,
    })
    const list = await listTree(app.pid)
    assert.equal([list[0]?.pid, list[0]?.foundBy, list[0]?.sigterm], [app.pid, 'root', 'default'])
    const stances = list.filter(({ command }) => command.includes('echo up; while') && !command.includes('tail'))
    assert.equal(stances.map(({ sigterm }) => sigterm).sort(), ['default', 'handles', 'ignores'])
    assert.ok(stances.every(({ foundBy, ppid }) => foundBy === 'descent' && list.some(({ pid }) => pid === ppid)))
  },
  { skip },
)

test(
  'a daemon is in the list, with how it was found',
  async (t) => {
    const app = await startProgram(t, programs.daemon, { env: { [TREE_COOKIE]: newCookie() } })
    const [root, orphan] = await listTree(app.pid)
    assert.equal([root?.foundBy, orphan?.foundBy], ['root', 'cookie'])
    assert.not.equal(orphan?.ppid, app.pid)
  },
  { skip },
)

test(
  'zombies are listed as such',
  async (t) => {
    const app = await startProgram(t, programs.zombies(3))
    const list = await until(
      'three have ended',
      () => listTree(app.pid),
      (all) => all.filter((one) => one.state === 'Z').length === 3,
    )
    assert.equal(list.map(({ command }) => command).slice(1), ['[perl]', '[perl]', '[perl]'])
  },
  { skip },
)
