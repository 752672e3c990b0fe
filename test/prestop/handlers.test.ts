import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import * as https from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { allOf, exec, httpGet, oneAfterAnother, sleep } from '../../lib/prestop/index.ts'
import type { HookReport } from '../../lib/report/report.ts'
import { type App, type Exited, startApp } from '../support/app.ts'
import { certificate } from '../support/certificate.ts'
import { hookContext } from '../support/hook-context.ts'
import { alive, processes } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'

const leaveOf = (ended: Exited): HookReport => ended.report.hooks.find(({ name }) => name === 'leave') as HookReport

async function leaves(t: TestContext, expression: string, url = '', seconds = 5): Promise<App> {
  const options = { terminationGracePeriodSeconds: seconds }
  return startApp(t, 'takes-leave', { args: [expression, url], options })
}

async function leave(t: TestContext, expression: string, url?: string, seconds?: number): Promise<Exited> {
  const app = await leaves(t, expression, url, seconds)
  app.kill('SIGTERM')
  return app.exited
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

async function serve(t: TestContext, handler: Handler, host = '127.0.0.1'): Promise<string> {
  const server = createServer(handler)
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

test('sleep waits, and one that is longer than its phase is timed out', async (t) => {
  const [short, long] = await Promise.all([leave(t, 'sleep(0.2)'), leave(t, 'sleep(60)', '', 1)])
  assert.equal([short.code, leaveOf(short).outcome], [0, 'done'])
  assert.ok((leaveOf(short).durationMs as number) >= 199)
  assert.equal([long.code, leaveOf(long).outcome], [1, 'timed out'])
})

test('httpGet asks with method and headers, on a connection that ends with the answer, over IPv6 too', async (t) => {
  const asked: unknown[] = []
  const url = await serve(
    t,
    (request, response) => {
      const { method, headers } = request
      asked.push([method, request.url, headers['x-token'], headers['user-agent'], headers.connection])
      response.end('left')
    },
    '::1',
  )
  const ended = await leave(t, "httpGet(url + '/leave?now', { method: 'PUT', headers: { 'x-token': 'a' } })", url)
  assert.equal([ended.code, leaveOf(ended).outcome], [0, 'done'])
  assert.equal(asked, [['PUT', '/leave?now', 'a', 'lastcall', 'close']])
})

test('exec: a flood of output holds up no timer: at its limit it is ended, and the later hooks run', async (t) => {
  const ended = await leave(t, "exec('yes')", '', 3)
  assert.equal([leaveOf(ended).outcome, ended.report.ended], ['timed out', 'done'])
})

test('httpGet: an answer that is an upgrade is a failure, and not waited for', async (t) => {
  const server = createServer().on('upgrade', () => {})
  server.on('connection', (socket) =>
    socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  )
  t.after(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  assert.is(leaveOf(await leave(t, 'httpGet(url)', url)).error?.message, `GET ${url} answered 101`)
})

test('httpGet: a status that is no 2xx is a failure with the first line of the answer, and a redirect is not followed', async (t) => {
  const url = await serve(t, ({ url }, response) => {
    if (url === '/gone') response.writeHead(302, { location: '/' }).end()
    else response.writeHead(url?.startsWith('/busy') ? 503 : 200).end('too busy\nnow')
  })
  const [busy, gone] = await Promise.all([
    leave(t, "httpGet(url + '/busy?token=secret')", url),
    leave(t, "httpGet(url + '/gone')", url),
  ])
  assert.equal([busy.code, leaveOf(busy).error?.message], [1, `GET ${url}/busy answered 503: too busy`])
  assert.is(leaveOf(gone).error?.message, `GET ${url}/gone answered 302`)
})

test('httpGet: one that never answers is given up at the limit, and the connection with it', async (t) => {
  let closed = (): void => {}
  const gone = new Promise<void>((resolve) => (closed = resolve))
  const url = await serve(t, ({ socket }) => void socket.once('close', closed))
  const ended = await leave(t, 'httpGet(url)', url, 1)
  assert.is(leaveOf(ended).outcome, 'timed out')
  await gone
})

test('httpGet checks a certificate, unless it is told not to', async (t) => {
  const server = https.createServer(certificate, (_, response) => response.end())
  t.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { context } = hookContext()
  const refused = await Promise.resolve(httpGet(url)(context)).catch((error: Error) => error)
  assert.match(String(refused), /certificate/)
  await httpGet(url, { checkCertificate: false })(context)
})

test('exec writes its output line by line after its name, and a code is a failure', async (t) => {
  const ended = await leave(t, "exec('echo leaving; echo badly >&2; exit 3', { name: 'raft' })")
  assert.match(ended.stdout, /^raft \| leaving$/m)
  assert.match(ended.stderr, /^raft \| badly$/m)
  assert.equal([ended.code, leaveOf(ended).error?.message], [1, 'raft: code 3'])
})

test('exec that hangs is killed with all that it started', async (t) => {
  const app = await leaves(t, "exec('sleep 7711 | cat')", '', 1)
  app.kill('SIGTERM')
  assert.is(leaveOf(await app.exited).outcome, 'timed out')
  const left = processes().filter((p) => p.comm === 'sleep' && p.startTime >= app.identity.startTime && alive(p))
  assert.equal(
    left.filter((p) => p.ppid === 1 || p.ppid === app.pid),
    [],
  )
})

test('exec does not wait for a daemon that holds its output open', async (t) => {
  const ended = await leave(t, "exec('sleep 4 & echo left')")
  assert.match(ended.stdout, /^echo \| left$|^sleep \| left$/m)
  assert.is(leaveOf(ended).outcome, 'done')
  assert.ok((leaveOf(ended).durationMs as number) < 3_000)
})

test('allOf runs all side by side, and names each that failed', async () => {
  const { context } = hookContext()
  const begun: string[] = []
  let second = (): void => {}
  const both = new Promise<void>((resolve) => (second = resolve))
  const all = allOf(
    async () => {
      begun.push('a')
      await both
      throw new Error('a broke')
    },
    () => {
      begun.push('b')
      second()
      throw new Error('b broke')
    },
    sleep(0),
  )
  const error = await Promise.resolve(all(context)).catch((error: Error) => error)
  assert.equal(begun, ['a', 'b'])
  assert.is((error as Error).message, '2 of 3 failed: a broke; b broke')
})

test('oneAfterAnother goes on after a failure, and the hook fails with it', async () => {
  const { context } = hookContext()
  const order: string[] = []
  const row = oneAfterAnother(
    async () => {
      await pause(20)
      order.push('first')
      throw new Error('first broke')
    },
    () => order.push('second'),
  )
  const error = await Promise.resolve(row(context)).catch((error: Error) => error)
  assert.equal([order, (error as Error).message], [['first', 'second'], 'first broke'])
})

test('oneAfterAnother: one that hangs leaves time to those after it', async (t) => {
  const ended = await leave(t, "oneAfterAnother(() => new Promise(() => {}), exec(['echo', 'after']))", '', 2)
  assert.match(ended.stdout, /^echo \| after$/m)
  assert.match(leaveOf(ended).error?.message ?? '', /^handler 1 had \d+ ms$/)
})

test('bad input is refused at the call, with the fix', () => {
  const cases: [() => unknown, RegExp][] = [
    [
      () => sleep('5' as never),
      /option sleep must be a number of seconds from 0 to 2147483, got "5"\. Write sleep\(5\)/,
    ],
    [() => sleep(-1), /option sleep must be a number of seconds/],
    [() => httpGet('consul/leave'), /option httpGet must be an address of http or https, got "consul\/leave"/],
    [() => httpGet('ftp://a'), /option httpGet must be an address/],
    [() => httpGet('http://a', { method: 'LEAVE' as never }), /option httpGet\.method must be one of 'GET'/],
    [() => httpGet('http://a', { header: {} } as never), /httpGet has no option header\. Did you mean headers\?/],
    [
      () => httpGet('http://a', { headers: { 'a b': '' } }),
      /option httpGet\.headers must be names and values of headers/,
    ],
    [() => exec([]), /option exec must be a program with its arguments, or a line for \/bin\/sh, got \[\]/],
    [() => exec(['no-such-program-here']), /option exec must be a program that exists, got "no-such-program-here"/],
    [() => exec(['ls'], { cmd: 1 } as never), /exec has no option cmd/],
    [() => allOf(), /option allOf must be given functions/],
    [() => oneAfterAnother(sleep(1), 5 as never), /option oneAfterAnother must be given functions, got 5/],
  ]
  for (const [call, message] of cases) {
    try {
      call()
      assert.unreachable(String(message))
    } catch (error) {
      assert.is((error as { code?: string }).code, 'ERR_LASTCALL_OPTION')
      assert.match((error as Error).message, message)
    }
  }
})
