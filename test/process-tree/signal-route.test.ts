import * as assert from 'uvu/assert'
import { whoHandles, whoNow } from '../../lib/process-tree/stop/signal-route.ts'
import { test } from '../support/suite.ts'
import { type Drawn, type DrawnMemory, draw, handles, lineOf, memoryOf, snapshot } from './drawn-tree.ts'

function tells(title: string, tree: readonly Drawn[], memory: DrawnMemory, expected: readonly string[]): void {
  test(title, () => {
    const procs = snapshot(...tree)
    assert.equal(whoNow(procs, memoryOf(procs, memory)).map(lineOf), expected)
  })
}

const server = draw('node server.js', handles)
const quiet = { quietMs: 250 }
const busy = { quietMs: 249 }
const newborn = { startTime: 2 }

// The rule

tells('the nearest that handles it is told', [server], {}, ['node server.js'])
tells('what is beneath a handler is its own business', [draw('node primary', handles, server)], {}, ['node primary'])
tells('a shell without a trap is passed by', [draw('bash start.sh', server)], {}, ['node server.js'])
tells('a launcher without a handler is passed by', [draw('python3 launch.py', server)], {}, ['node server.js'])
tells(
  'below several that are passed by, each nearest handler is told',
  [draw('bash a', draw('sh b', draw('python3 x', handles)), draw('sleep 9'), server)],
  {},
  ['python3 x', 'node server.js'],
)
tells('a signal that is blocked counts as handled: sigwait', [draw('s6-svscan', { blocked: true }, server)], {}, [
  's6-svscan',
])
tells('where nobody handles it, the default action ends the innermost', [draw('bash a', draw('sleep 9'))], {}, [
  'sleep 9',
])
tells('a launcher that nobody below handles is told itself', [draw('python3 x', draw('sleep 9'))], {}, ['python3 x'])
tells(
  'while a told one lives, nobody else is told',
  [draw('bash a', server, draw('sleep 9'))],
  { told: ['node server.js'] },
  [],
)
tells('when the told have ended, the rest is told', [draw('bash a', draw('sleep 9'))], { told: ['gone'] }, ['sleep 9'])
tells('nobody is told twice', [server], { told: ['node server.js'] }, [])
tells('who ignores it is not told', [draw('nohup x', { ignored: true })], {}, [])
tells('below one that ignores it the rule goes on', [draw('nohup x', { ignored: true }, server)], {}, [
  'node server.js',
])
tells(
  'below one that ignores it the default action ends the rest',
  [draw('x', { ignored: true }, draw('sleep 9'))],
  {},
  ['sleep 9'],
)
tells('one seen to block it for the first time waits for the next look', [draw('x', { unsure: true }, server)], {}, [])

// Starters

for (const starter of [
  'npm start',
  'sudo -u app node x',
  'timeout 99 node x',
  'dumb-init node x',
  'su -c x',
  'yarn start',
]) {
  tells(`${starter} is stepped over while it has a child`, [draw(starter, handles, server)], {}, ['node server.js'])
}
tells('a starter without a child is told', [draw('npm start', handles)], {}, ['npm start'])
tells(
  'a starter without a child does not wait for others',
  [draw('bash a', draw('npm start', handles), draw('y', handles))],
  { told: ['y'] },
  ['npm start'],
)
tells('a starter that does not handle it is not ended above its child', [draw('catatonit -- x', draw('sleep 9'))], {}, [
  'sleep 9',
])
tells('a launcher that swallows the signal is told', [draw('run-it all', handles, server)], {}, ['run-it all'])
tells('one named by stepOver is stepped over', [draw('run-it all', handles, server)], { stepOver: ['run-it'] }, [
  'node server.js',
])

// 1. Stepped over, then given 250 ms

const passed = ['npm start', 'bash a', 'nodemon server.js']
tells(
  '1: npm, whose server has ended, is left to end by itself',
  [draw('npm start', handles)],
  { told: ['gone'], passed, ...busy },
  [],
)
tells('1: a shell, too', [draw('bash a')], { told: ['gone'], passed, ...busy }, [])
tells(
  '1: a launcher without a handler, too',
  [draw('python3 x')],
  { told: ['gone'], passed: ['python3 x'], ...busy },
  [],
)
tells(
  '1: nodemon, which waits for changes, is told',
  [draw('nodemon server.js', handles)],
  { told: ['gone'], passed, ...quiet },
  ['nodemon server.js'],
)
tells('1: a shell that is still there, too', [draw('bash a')], { told: ['gone'], passed, ...quiet }, ['bash a'])
tells('1: before anybody was told nobody is given time', [draw('bash a')], { passed, ...busy }, ['bash a'])

tells(
  '1: a launcher with other children, too',
  [draw('python3 x', draw('sleep 9'))],
  { told: ['gone'], passed: ['python3 x'], ...busy },
  [],
)
tells(
  '1: below one that was passed by the rule goes on meanwhile',
  [draw('bash a', server)],
  { told: ['gone'], passed, ...busy },
  ['node server.js'],
)
tells('1: an orphan that was not passed by is told at once', [server], { told: ['gone'], ...busy }, ['node server.js'])

// 2. Pipelines

const writer = draw('node server.js', { caught: true, stdout: 'pipe:[7]' })
const tee = draw('tee log', { stdin: 'pipe:[7]' })
const reader = draw('node reader.js', { caught: true, stdin: 'pipe:[7]' })
tells('2: of server | node reader the server is told', [draw('bash a', writer, reader)], {}, ['node server.js'])
tells(
  '2: of two that do not handle it the writer is told',
  [draw('bash a', draw('tail -f x', { stdout: 'pipe:[7]' }), tee)],
  {},
  ['tail -f x'],
)
tells('2: stderr counts as well', [draw('sh a', draw('x', { caught: true, stderr: 'pipe:[7]' }), reader)], {}, ['x'])
tells(
  '2: while its writer lives, tee is left also when time runs short',
  [draw('sh a', writer, tee)],
  { told: ['node server.js'], short: true },
  [],
)
tells(
  '2: a reader whose writer has ended has 250 ms',
  [draw('sh a', reader)],
  { told: ['gone'], passed: ['node reader.js'], ...busy },
  [],
)
tells('2: then it is told', [draw('sh a', reader)], { told: ['gone'], passed: ['node reader.js'], ...quiet }, [
  'node reader.js',
])
tells(
  '2: a shell that reads from its own child is not left alone: while read … done < <(server)',
  [draw('bash a', { stdin: 'pipe:[7]', caught: true }, writer)],
  {},
  ['bash a'],
)
tells('2: a reader of a writer outside of the tree is told', [reader], {}, ['node reader.js'])
tells(
  '2: one that reads what it writes itself is told',
  [draw('x', { caught: true, stdin: 'pipe:[7]', stdout: 'pipe:[7]' })],
  {},
  ['x'],
)
tells('2: /dev/null is no pipe', [draw('sh a', draw('x', { caught: true }), draw('y', { caught: true }))], {}, [
  'x',
  'y',
])
tells(
  '2: a named pipe is one',
  [draw('sh a', draw('x', { caught: true, stdout: 'fifo:[9]' }), draw('y', { caught: true, stdin: 'fifo:[9]' }))],
  {},
  ['x'],
)

// 3. After-work

const upload = draw('upload-logs', newborn)
tells('3: what starts after the stop is let finish', [draw('bash a', upload)], { told: ['gone'] }, [])
tells(
  '3: also one that handles the signal',
  [draw('bash a', draw('node b.js', { caught: true, ...newborn }))],
  { told: ['gone'] },
  [],
)
tells('3: when its time is over it is told', [draw('bash a', upload)], { told: ['gone'], afterWorkOver: true }, [
  'upload-logs',
])
tells('3: when time runs short as well', [draw('bash a', upload)], { told: ['gone'], short: true }, ['upload-logs'])
tells(
  '3: a launcher without a handler above it is not ended meanwhile',
  [draw('python3 launch.py', draw('sh -c x', upload))],
  { told: ['gone'], ...quiet },
  [],
)

// 4. Restarts

const again = draw('node server.js', newborn)
tells(
  '4: a server that was started again is told',
  [draw('sh loop', again)],
  { told: ['gone'], restarted: ['node server.js'] },
  ['node server.js'],
)
tells(
  '4: also while another told one lives',
  [draw('sh loop', again, draw('y', handles))],
  { told: ['y'], restarted: ['node server.js'] },
  ['node server.js'],
)

// 5. Daemons last

const postgres = draw('postgres', handles)
tells('5: a daemon waits while the rest is told', [server, postgres], { daemons: ['postgres'] }, ['node server.js'])
tells('5: and while the rest lives', [server, postgres], { daemons: ['postgres'], told: ['node server.js'] }, [])
tells('5: when the rest has gone it is told', [postgres], { daemons: ['postgres'], told: ['gone'] }, ['postgres'])
tells(
  '5: when time runs short as well',
  [server, postgres],
  { daemons: ['postgres'], told: ['node server.js'], short: true },
  ['postgres'],
)
tells('5: an orphan whose ancestors have all ended is no daemon', [server, postgres], {}, [
  'node server.js',
  'postgres',
])

// 6. EXIT traps, and shells that always catch TERM

tells('6: bash with an EXIT trap is stepped over', [draw('bash a', { caught: true, exitTrap: true }, server)], {}, [
  'node server.js',
])
for (const shell of ['ksh a', 'mksh a', 'zsh a']) {
  tells(`6: ${shell.split(' ')[0]} is stepped over`, [draw(shell, handles, server)], {}, ['node server.js'])
}
tells('6: when its server has ended it is told', [draw('ksh a', handles)], { told: ['gone'], ...quiet }, ['ksh a'])

// 7. Trap shells

const trap = draw('bash a', handles, server, draw('sleep 9'))
tells('7: a shell with a trap is told', [trap], {}, ['bash a'])
tells(
  '7: when it waits for its foreground command, the rule goes on from that',
  [trap],
  { told: ['bash a'], foreground: ['node server.js'] },
  ['node server.js'],
)
tells(
  '7: one that handles nothing is ended, so that the trap runs',
  [trap],
  { told: ['bash a'], foreground: ['sleep 9'] },
  ['sleep 9'],
)
tells('7: its other children are left to its trap', [trap], { told: ['bash a'] }, [])
tells(
  '7: of a foreground pipeline the writer is told',
  [draw('bash a', handles, writer, tee)],
  { told: ['bash a'], foreground: ['node server.js', 'tee log'] },
  ['node server.js'],
)

// Time runs short

const supervisor = draw('supervisor', handles, server)
tells('a supervisor shields its children', [supervisor], { told: ['supervisor'] }, [])
tells('when time runs short it does no longer', [supervisor], { told: ['supervisor'], short: true }, ['node server.js'])
tells(
  'a lastcall that was told shields what it supervises then, too, until its own deadline',
  [supervisor],
  { told: ['supervisor'], supervised: ['node server.js'], short: true },
  [],
)
tells(
  'a daemon of what it supervises is left to it likewise',
  [supervisor, postgres],
  { told: ['supervisor'], daemons: ['postgres'], supervised: ['node server.js', 'postgres'], short: true },
  [],
)
tells(
  'when it has gone its daemon is told',
  [postgres],
  { told: ['gone'], daemons: ['postgres'], supervised: ['postgres'], short: true },
  ['postgres'],
)
tells(
  'when time runs short the default action does not wait for the told',
  [draw('bash a', server, draw('sleep 9'))],
  { told: ['node server.js'], short: true },
  ['sleep 9'],
)

// Who is never told

tells('a zombie is not told', [draw('x', { caught: true, state: 'Z' })], {}, [])
tells('a dead one is not told', [draw('x', { caught: true, state: 'X' })], {}, [])
tells(
  'we are not told, and what is beneath us is',
  [draw('node lastcall', handles, server)],
  { self: 'node lastcall' },
  ['node server.js'],
)

test('a signal that begins no stop goes to the nearest that handle it, and ends nobody', () => {
  const procs = snapshot(draw('bash a', server, draw('sleep 9')), draw('sleep 5'))
  assert.equal(whoHandles(procs, memoryOf(procs)).map(lineOf), ['node server.js'])
})
