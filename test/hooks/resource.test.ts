import { fork, spawn } from 'node:child_process'
import cluster from 'node:cluster'
import http from 'node:http'
import { createServer } from 'node:net'
import process from 'node:process'
import { Worker } from 'node:worker_threads'
import * as assert from 'uvu/assert'
import { LastcallError } from '../../lib/errors.ts'
import { closeResource, findCloser } from '../../lib/hooks/resource.ts'
import { otherVerb } from '../../lib/wiring/other-verb.ts'
import { hookContext } from '../support/hook-context.ts'
import { test } from '../support/suite.ts'

/** Closes a thing and returns what it was told, in order. */
async function told(thing: (log: string[]) => object): Promise<string[]> {
  const log: string[] = []
  const closer = findCloser('thing', thing(log))
  await closeResource(closer, hookContext().context)
  return log
}

function refusal(thing: unknown): string {
  try {
    findCloser('thing', thing)
  } catch (error) {
    assert.instance(error, LastcallError)
    assert.is((error as LastcallError).code, 'ERR_LASTCALL_RESOURCE')
    return (error as Error).message
  }
  throw new Error('it was taken')
}

test('an unknown thing is closed by what it declares itself, before any method name', async () => {
  const log = (name: string, log: string[]) => () => void log.push(name)
  const all = (l: string[]) => ({
    destroy: log('destroy', l),
    disconnect: log('disconnect', l),
    quit: log('quit', l),
    end: log('end', l),
    close: log('close', l),
    [Symbol.dispose]: log('dispose', l),
    [Symbol.asyncDispose]: log('asyncDispose', l),
  })
  const order = ['asyncDispose', 'dispose', 'close', 'end', 'quit', 'disconnect', 'destroy']
  const keys: PropertyKey[] = [Symbol.asyncDispose, Symbol.dispose, ...order.slice(2)]
  for (const [i, expected] of order.entries()) {
    const without = (l: string[]) => {
      const thing: Record<PropertyKey, unknown> = all(l)
      for (const key of keys.slice(0, i)) delete thing[key]
      return thing
    }
    assert.equal(await told(without), [expected])
  }
})

test('the way that was found is named for the report', () => {
  assert.is(findCloser('a', { [Symbol.asyncDispose]: async () => {} }).how, '[Symbol.asyncDispose]()')
  assert.is(findCloser('a', { [Symbol.dispose]: () => {} }).how, '[Symbol.dispose]()')
  assert.is(findCloser('a', { quit: () => {} }).how, 'quit()')
})

test('the promise of a close is awaited, and what it rejects with is the outcome', async () => {
  const log = await told((log) => ({
    close: () => new Promise<void>((resolve) => setImmediate(() => resolve(void log.push('closed')))),
  }))
  assert.equal(log, ['closed'])
  const broken = findCloser('thing', { close: () => Promise.reject(new Error('disk full')) })
  const outcome = await closeResource(broken, hookContext().context).catch((error: Error) => error.message)
  assert.is(outcome, 'disk full')
})

test('the callback of a close is awaited, wherever it stands among the parameters', async () => {
  const later = (log: string[], done: () => void) =>
    void setImmediate(() => {
      log.push('closed')
      done()
    })
  assert.equal(await told((log) => ({ close: (callback: () => void) => later(log, callback) })), ['closed'])
  assert.equal(await told((log) => ({ end: (x: () => void) => later(log, x) })), ['closed'])
  const thirdPlace = (log: string[]) => ({
    end: (force: unknown, options: unknown, cb: () => void) => {
      assert.equal([force, options], [undefined, undefined])
      later(log, cb)
    },
  })
  assert.equal(await told(thirdPlace), ['closed'])
  const broken = findCloser('thing', { close: (done: (error: Error) => void) => done(new Error('disk full')) })
  assert.is(await closeResource(broken, hookContext().context).catch((error: Error) => error.message), 'disk full')
})

test('a method that takes both a callback and returns a promise is done by either', async () => {
  assert.equal(
    await told((log) => ({ close: (_callback: () => void) => Promise.resolve(void log.push('by promise')) })),
    ['by promise'],
  )
  const byCallback = (log: string[]) => ({
    close: (callback: () => void) => {
      setImmediate(() => callback())
      log.push('by callback')
      return new Promise(() => {})
    },
  })
  assert.equal(await told(byCallback), ['by callback'])
})

test('no callback is passed where the parameter is something else: as close(force) it would force', async () => {
  const given: unknown[] = []
  await told(() => ({ close: (force: unknown) => void given.push(force) }))
  await told(() => ({ close: async (value: unknown) => void given.push(value) }))
  await told(() => ({ close: (code: unknown, reason: unknown) => void given.push(code, reason) }))
  await told(() => ({ end: ({ timeout }: { timeout?: number } = {}) => void given.push(timeout) }))
  assert.equal(given, [undefined, undefined, undefined, undefined, undefined])
})

test('a synchronous close that takes nothing is over when it returns', async () => {
  assert.equal(await told((log) => ({ close: () => log.push('closed') })), ['closed'])
})

test('a method is called on its thing', async () => {
  class Pool {
    #open = true
    close(): void {
      this.#open = false
    }
    get open(): boolean {
      return this.#open
    }
  }
  const pool = new Pool()
  await closeResource(findCloser('pool', pool), hookContext().context)
  assert.is(pool.open, false)
})

test('at the limit the second step is taken within the abort itself, and the outcome is the limit', async () => {
  const log: string[] = []
  const { context, reachLimit } = hookContext()
  const closing = closeResource(
    { how: 'end()', close: () => new Promise(() => {}), force: () => log.push('forced') },
    context,
  ).catch((error: Error) => error.name)
  reachLimit()
  assert.equal(log, ['forced'])
  assert.is(await closing, 'TimeoutError')
})

test('a forced close that fails or makes the graceful one fail changes nothing about the outcome', async () => {
  const { context, reachLimit } = hookContext()
  let fail: (error: Error) => void = () => {}
  const closing = closeResource(
    {
      how: 'end()',
      close: () => new Promise((_, reject) => (fail = reject)),
      force: () => {
        fail(new Error('connection terminated'))
        throw new Error('and force failed')
      },
    },
    context,
  ).catch((error: Error) => error.name)
  reachLimit()
  assert.is(await closing, 'TimeoutError')
})

test('a thing that closed in time is not forced when the limit comes later', async () => {
  const log: string[] = []
  const { context, reachLimit } = hookContext()
  await closeResource({ how: 'end()', close: () => log.push('closed'), force: () => log.push('forced') }, context)
  reachLimit()
  assert.equal(log, ['closed'])
})

test('what cannot be told apart is an error that names the methods that were looked for and those that are there', () => {
  const message = refusal({ connect() {}, stopAll() {}, _inner() {} })
  assert.is(
    message,
    'lastcall: resource "thing" has no way to be closed that lastcall knows. Looked for [Symbol.asyncDispose](), ' +
      '[Symbol.dispose](), close(), end(), quit(), disconnect(), destroy(); it has connect(), stopAll(). ' +
      'Write shutdown.hook("thing", …) with the right call.',
  )
  assert.match(refusal({}), /; it has no methods\. Write shutdown\.hook/)
})

test('what is not a thing is refused with what to write', () => {
  class Pool {
    close() {}
  }
  function OldPool() {}
  OldPool.prototype.end = () => {}
  assert.match(
    refusal(undefined),
    /must be the thing to close, got undefined\. Write shutdown\.resource\("thing", pool\)/,
  )
  assert.match(refusal(null), /got null/)
  assert.match(refusal('redis://localhost'), /got "redis:\/\/localhost"/)
  assert.match(refusal(Promise.resolve({ close() {} })), /is a promise\. Await it first/)
  assert.match(refusal([{ close() {} }]), /is an array\. Register each/)
  assert.match(refusal(Pool), /is the class Pool\. Pass the instance/)
  assert.match(refusal(OldPool), /is the class OldPool\. Pass the instance/)
  assert.match(
    refusal(() => {}),
    /is a function without a method to close it\. If it is to run, write shutdown\.hook\("thing", …\)/,
  )
})

test('a function that has a method to close it is taken: some clients are functions', async () => {
  assert.equal(await told((log) => Object.assign(() => {}, { end: async () => log.push('ended') })), ['ended'])
})

test('a thing whose getters throw is asked for its methods only', () => {
  const thing = {
    get server(): never {
      throw new Error('not started')
    },
    close: () => {},
  }
  assert.is(findCloser('thing', thing, otherVerb).how, 'close()')
})

test('a server is refused, with the call that ends it in time', () => {
  for (const server of [http.createServer(), createServer()]) {
    assert.match(refusal(server), /is a server.*shutdown\.server\(server\)/)
  }
})

test('processes and threads are refused, with the verb that ends them', async (t) => {
  const child = spawn(process.execPath, ['-e', ''])
  t.after(() => child.kill())
  assert.match(refusal(child), /is a child process.*shutdown\.adopt\("thing", child\)/)
  const worker = new Worker('', { eval: true })
  t.after(() => worker.terminate())
  assert.match(refusal(worker), /is a worker thread.*shutdown\.adopt\("thing", worker\)/)
  const forked = fork('-e', [''], { execArgv: ['-e', ''] })
  t.after(() => forked.kill())
  assert.match(refusal(forked), /is a child process/)
  assert.match(refusal(cluster), /is the cluster module.*shutdown\.adopt\("thing", cluster\)/)
  cluster.setupPrimary({ execArgv: ['-e', ''] })
  const member = cluster.fork()
  t.after(() => member.process.kill())
  assert.match(refusal(member), /is a cluster worker.*shutdown\.adopt\("thing", worker\)/)
})

test('stdout and stderr are refused: they are delivered before the exit', () => {
  assert.match(refusal(process.stdout), /is an output of the process.*Leave it out/)
  assert.match(refusal(process.stderr), /is an output of the process/)
})
