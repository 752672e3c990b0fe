import process from 'node:process'
import Fastify from 'fastify'
import * as assert from 'uvu/assert'
import { WebSocketServer } from 'ws'
import { createShutdown } from '../../lib/create-shutdown.ts'
import { LastcallError } from '../../lib/errors.ts'
import type { Shutdown } from '../../lib/shutdown-handle.ts'
import { test } from '../support/suite.ts'

type Call = (shutdown: Shutdown) => unknown
const listeners = (): number => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)

function refuses(code: string, message: RegExp, call: () => unknown): void {
  try {
    call()
  } catch (error) {
    assert.instance(error, LastcallError)
    assert.is((error as LastcallError).code, code)
    assert.match((error as LastcallError).message, message)
    return
  }
  assert.unreachable(`nothing was thrown; expected ${message}`)
}

const options: [string, unknown, string, RegExp][] = [
  [
    'a misspelt option',
    { secondSignl: 'auto' },
    'ERR_LASTCALL_OPTION',
    /no option secondSignl\. Did you mean secondSignal\?/,
  ],
  [
    'an option without its unit',
    { gracePeriodSeconds: 30 },
    'ERR_LASTCALL_OPTION',
    /no option gracePeriodSeconds\. Did you mean terminationGracePeriodSeconds\?/,
  ],
  [
    'an option that nothing resembles',
    { colour: 1 },
    'ERR_LASTCALL_OPTION',
    /no option colour\. Known: terminationGracePeriodSeconds, /,
  ],
  ['options that are no object', 30, 'ERR_LASTCALL_OPTION', /takes an object of options, got 30/],
  ['null', null, 'ERR_LASTCALL_OPTION', /takes an object of options, got null/],
  [
    'watchdog: "on"',
    { watchdog: 'on' },
    'ERR_LASTCALL_OPTION',
    /option watchdog must be true, false or \{ heartbeatMs \}/,
  ],
  ['watchdog: null', { watchdog: null }, 'ERR_LASTCALL_OPTION', /option watchdog must be .* got null/],
  [
    'a misspelt heartbeat',
    { watchdog: { heartbeat: 1 } },
    'ERR_LASTCALL_OPTION',
    /watchdog has no option heartbeat\. Did/,
  ],
  [
    'a heartbeat that a garbage collection misses',
    { watchdog: { heartbeatMs: 50 } },
    'ERR_LASTCALL_OPTION',
    /option watchdog\.heartbeatMs must be a number of milliseconds from 100 to \d+, got 50\. Write 10_000\./,
  ],
  [
    'pod: "watch"',
    { pod: 'watch' },
    'ERR_LASTCALL_OPTION',
    /option pod must be true, false or \{ watch, event, serviceAc/,
  ],
  ['pod: null', { pod: null }, 'ERR_LASTCALL_OPTION', /option pod must be .* got null\. Write pod: true\./],
  [
    'a misspelt part of pod',
    { pod: { events: true } },
    'ERR_LASTCALL_OPTION',
    /pod has no option events\. Did you mean ev/,
  ],
  [
    'a watch in words',
    { pod: { watch: 'yes' } },
    'ERR_LASTCALL_OPTION',
    /option pod\.watch must be one of true, false/,
  ],
  [
    'a relative folder of the service account',
    { pod: { serviceAccount: 'run/secrets' } },
    'ERR_LASTCALL_OPTION',
    /option pod\.serviceAccount must be an absolute path, got "run\/secrets"\. Write '\/var\/run/,
  ],
  ['a heartbeat of NaN', { watchdog: { heartbeatMs: Number.NaN } }, 'ERR_LASTCALL_OPTION', /got NaN/],
  [
    'a grace period in words',
    { terminationGracePeriodSeconds: '30s' },
    'ERR_LASTCALL_OPTION',
    /seconds, at least 1, got "30s"\. Write 30\./,
  ],
  ['a grace period of 0', { terminationGracePeriodSeconds: 0 }, 'ERR_LASTCALL_OPTION', /at least 1, got 0/],
  ['NaN', { terminationGracePeriodSeconds: Number.NaN }, 'ERR_LASTCALL_OPTION', /got NaN/],
  [
    'a preStop in words',
    { preStopSeconds: '5' },
    'ERR_LASTCALL_OPTION',
    /preStopSeconds must be .* at least 0, got "5"/,
  ],
  [
    'a preStop as long as the grace period',
    { preStopSeconds: 5, terminationGracePeriodSeconds: 5 },
    'ERR_LASTCALL_OPTION',
    /preStopSeconds must be less than terminationGracePeriodSeconds \(5\), got 5/,
  ],
  ['a file that is no path', { gracePeriodFile: 60 }, 'ERR_LASTCALL_OPTION', /gracePeriodFile must be a path, got 60/],
  [
    'errors: true',
    { errors: true },
    'ERR_LASTCALL_OPTION',
    /option errors must be one of 'auto', 'always', 'never', got true/,
  ],
  ['exit: "signl"', { exit: 'signl' }, 'ERR_LASTCALL_OPTION', /Did you mean 'signal'\?/],
  ['secondSignal: 1', { secondSignal: 1 }, 'ERR_LASTCALL_OPTION', /secondSignal must be one of/],
  ['a logger that is no function', { logger: console }, 'ERR_LASTCALL_OPTION', /option logger must be a function/],
  [
    'a report file in no folder',
    { reportFile: '/no/such/folder/r.json' },
    'ERR_LASTCALL_OPTION',
    /Create \/no\/such\/folder/,
  ],
  [
    'one file for report and termination log',
    { reportFile: '/tmp/lastcall', terminationLog: '/tmp/./lastcall' },
    'ERR_LASTCALL_OPTION',
    /option reportFile must be another file than terminationLog/,
  ],
  [
    'a termination log in no folder',
    { terminationLog: '/no/such/folder/message' },
    'ERR_LASTCALL_OPTION',
    /option terminationLog must name a file in a folder that can be written to, .* Create \/no\/such\/folder\./,
  ],
  [
    'terminationLog: true',
    { terminationLog: true },
    'ERR_LASTCALL_OPTION',
    /option terminationLog must be a path or false, got true\. Write '\/dev\/termination-log'\./,
  ],
  ['signals as a string', { signals: 'SIGTERM' }, 'ERR_LASTCALL_OPTION', /an array of signal names, got "SIGTERM"/],
  ['a signal that does not exist', { signals: ['SIGTERN'] }, 'ERR_LASTCALL_OPTION', /Did you mean 'SIGTERM'\?/],
  ['SIGKILL', { signals: ['SIGKILL'] }, 'ERR_LASTCALL_SIGNAL', /cannot begin a shutdown: no process can listen to it/],
  ['SIGUSR1', { signals: ['SIGTERM', 'SIGUSR1'] }, 'ERR_LASTCALL_SIGNAL', /Node starts its debugger/],
  ['SIGSEGV', { signals: ['SIGSEGV'] }, 'ERR_LASTCALL_SIGNAL', /not in a state to run JavaScript/],
]

for (const [title, given, code, message] of options) {
  test(`createShutdown refuses ${title}, and leaves no listener behind`, () => {
    const before = listeners()
    refuses(code, message, () => createShutdown(given as never))
    assert.is(listeners(), before)
  })
}

const hung = (): void => {}
const calls: [string, string, RegExp, Call][] = [
  ['a hook without a name', 'ERR_LASTCALL_OPTION', /hook needs a name/, (s) => s.hook('' as never, hung)],
  [
    'a hook without a function',
    'ERR_LASTCALL_OPTION',
    /option hook "db" must be given a function, got undefined/,
    (s) => s.hook('db', undefined as never),
  ],
  [
    'an unknown hook option',
    'ERR_LASTCALL_OPTION',
    /hook has no option timeout\. Did you mean timeoutMs\?/,
    (s) => s.hook('db', hung, { timeout: 5 } as never),
  ],
  [
    'a timeout in words',
    'ERR_LASTCALL_OPTION',
    /hook\.timeoutMs must be a number of milliseconds above 0, got "5s"\. Write 5000\./,
    (s) => s.hook('db', hung, { timeoutMs: '5s' as never }),
  ],
  [
    'an unknown phase',
    'ERR_LASTCALL_OPTION',
    /hook\.phase must be one of .* Did you mean 'flush'\?/,
    (s) => s.hook('db', hung, { phase: 'flsh' as never }),
  ],
  [
    'a phase for preStop',
    'ERR_LASTCALL_OPTION',
    /preStop has no option phase/,
    (s) => s.preStop('x', hung, { phase: 'drain' } as never),
  ],
  [
    'after as a string',
    'ERR_LASTCALL_OPTION',
    /hook\.after must be an array of hook names/,
    (s) => s.hook('db', hung, { after: 'cache' as never }),
  ],
  [
    'a name that is taken',
    'ERR_LASTCALL_DUPLICATE',
    /a hook named "taken" exists already, in phase close/,
    (s) => s.hook('taken', hung, { phase: 'flush' }),
  ],
  ['a hook after itself', 'ERR_LASTCALL_CYCLE', /db → db/, (s) => s.hook('db', hung, { after: ['db'] })],
  [
    'a cycle',
    'ERR_LASTCALL_CYCLE',
    /c → a → b → c/,
    (s) => {
      s.hook('a', hung, { after: ['b'] })
      s.hook('b', hung, { after: ['c'] })
      s.hook('c', hung, { after: ['a'] })
    },
  ],
  [
    'after across phases',
    'ERR_LASTCALL_AFTER',
    /"db" \(phase flush\) runs after "taken" \(phase close\)/,
    (s) => s.hook('db', hung, { phase: 'flush', after: ['taken'] }),
  ],
  [
    'a job that is missing',
    'ERR_LASTCALL_OPTION',
    /track takes a promise, a function, or nothing, got undefined/,
    (s) => s.track(undefined as never),
  ],
  [
    'a WebSocketServer as a resource',
    'ERR_LASTCALL_RESOURCE',
    /resource "clients" is a server, .*Write shutdown\.server\(thing\)/,
    (s) => s.resource('clients', new WebSocketServer({ noServer: true })),
  ],
  [
    'a Fastify app as a resource',
    'ERR_LASTCALL_RESOURCE',
    /resource "app" is a server, .*Write shutdown\.server\(thing\)/,
    (s) => s.resource('app', Fastify()),
  ],
  [
    'a number to track',
    'ERR_LASTCALL_OPTION',
    /track takes a promise, a function, or nothing, got 5/,
    (s) => s.track(5 as never),
  ],
  [
    'an object to begin',
    'ERR_LASTCALL_OPTION',
    /begin takes a reason, a string or an Error/,
    (s) => s.begin({} as never),
  ],
  ['a resource that is nothing', 'ERR_LASTCALL_RESOURCE', /db/, (s) => s.resource('db', undefined)],
  [
    'an after that nobody has, when the start is over',
    'ERR_LASTCALL_AFTER',
    /runs after "takn", and no hook has that name\. Did you mean "taken"\?/,
    (s) => {
      s.hook('db', hung, { after: ['takn'] })
      s.ready()
    },
  ],
  [
    'an after that nobody has, once ready',
    'ERR_LASTCALL_AFTER',
    /Hooks of phase close: taken/,
    (s) => {
      s.ready()
      s.hook('db', hung, { after: ['something else'] })
    },
  ],
  [
    'other options in a second call',
    'ERR_LASTCALL_EXISTS',
    /bad-input\.test\.ts:\d+:\d+, and now with \{ errors: 'never' \}/,
    () => createShutdown({ errors: 'never' }),
  ],
]

for (const [title, code, message, call] of calls) {
  test(`refused: ${title}; what was registered before is kept`, async () => {
    const logged: string[] = []
    const shutdown = createShutdown({ exit: false, logger: (line) => logged.push(line) })
    let ran = false
    shutdown.hook('taken', () => {
      ran = true
    })
    refuses(code, message, () => call(shutdown))
    await shutdown.begin()
    assert.ok(ran)
  })
}

test('createShutdown without options, or with the same, returns the one that exists; after dispose nothing is left', () => {
  const before = listeners()
  const shutdown = createShutdown({ exit: false })
  assert.is(createShutdown(), shutdown)
  assert.is(createShutdown({ exit: false }), shutdown)
  shutdown.dispose()
  assert.is(listeners(), before)
  refuses('ERR_LASTCALL_DISPOSED', /this shutdown is over or was disposed/, () => shutdown.hook('db', hung))
  refuses('ERR_LASTCALL_DISPOSED', /cannot begin/, () => shutdown.begin())
})

test('a hook that was taken off does not run, and its name is free again', async () => {
  const shutdown = createShutdown({ exit: false, logger: () => {} })
  const ran: string[] = []
  const off = shutdown.hook('db', () => ran.push('old'))
  off()
  shutdown.hook('db', () => ran.push('new'))
  const report = await shutdown.begin()
  assert.equal([ran, report.hooks.length], [['new'], 1])
})

test('an after that nobody has makes the shutdown unclean where ready was never called; one that was taken off does not', async () => {
  const begin = async (after: string): Promise<string> => {
    const shutdown = createShutdown({ exit: false, logger: () => {} })
    const off = shutdown.hook('cache', hung)
    shutdown.hook('db', hung, { after: [after] })
    off()
    return (await shutdown.begin()).verdict
  }
  assert.match(await begin('cahce'), 'unclean: hook db runs after "cahce", and no hook has that name')
  assert.match(await begin('cache'), /^clean/)
})
