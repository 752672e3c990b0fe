import cluster, { type Worker } from 'node:cluster'
import { getEventListeners, once } from 'node:events'
import fs from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { endListener } from '../../../lib/serving/listener/end-listener.ts'
import { handleOf } from '../../../lib/serving/listener/listening-handle.ts'
import { PrimaryListeners } from '../../../lib/serving/listener/primary-listeners.ts'
import { socketsOfPort, TCP_STATE } from '../../../lib/serving/sockets/kernel-sockets.ts'
import { can } from '../../support/can.ts'
import { rawClient } from '../../support/raw-client.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const skip = can.linux()

for (const [who, end] of [
  ['the limit', (limit: AbortController) => limit.abort()],
  ['the app', (_limit: AbortController, close: () => void) => close()],
] as const) {
  test(
    `a listener that ${who} closes while clients are let in to the end of their handshake is waited for no longer`,
    async (t) => {
      const server = createServer()
      t.after(() => server.close())
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      cookiesGoOut(t)
      const limit = new AbortController()
      const handle = handleOf(server)
      assert.ok(handle)
      const { listen } = handle
      const widened = new Promise<void>((resolve) => {
        handle.listen = (backlog) => {
          if (backlog > 2) resolve()
          return listen.call(handle, backlog)
        }
      })
      const ended = endListener(server, limit.signal).then(() => 'ended')
      await widened
      end(limit, () => server.close())
      // Both by timers of one loop, and of 20 ms and of 150 the first is the first, however slow the machine is.
      const waits = pause(150, 'it waits on', { signal: t.signal })
      assert.is(await Promise.race([ended, waits]), 'ended')
      await waits
      assert.is(server.listening, false)
    },
    { skip },
  )
}

test(
  'what a worker does not take is waited for until the limit, and no timer stays',
  async (t) => {
    const { timers, limit, ended } = await endBeforeAreTaken(t)
    limit.abort()
    await ended
    assert.is(openTimers(), timers)
  },
  { skip },
)

test(
  'what workers have taken leaves no listener on the limit, and no timer',
  async (t) => {
    const { worker, timers, limit, ended } = await endBeforeAreTaken(t)
    worker.process.kill('SIGCONT')
    await ended
    assert.equal([getEventListeners(limit.signal, 'abort').length, openTimers()], [0, timers])
  },
  { skip },
)

/** The primary's listener has ended, and its one worker, which stands still, has not taken the clients that came before. */
async function endBeforeAreTaken(t: TestContext) {
  const { worker, port, listeners } = await primary(t)
  worker.process.kill('SIGSTOP')
  await Promise.all([1, 2, 3].map(() => rawClient(t, { port })))
  const timers = openTimers()
  const limit = new AbortController()
  const ended = listeners.end(limit.signal)
  await nobodyListens(port)
  return { worker, timers, limit, ended }
}

/** A primary, and its one worker, which listens. */
async function primary(t: TestContext): Promise<{ worker: Worker; port: number; listeners: PrimaryListeners }> {
  const listeners = new PrimaryListeners(cluster)
  t.after(() => listeners.release())
  const script = "require('node:net').createServer(() => {}).listen(0, '127.0.0.1')"
  cluster.setupPrimary({ execArgv: ['-e', script], exec: 'worker' })
  const worker = cluster.fork()
  t.after(async () => {
    const gone = once(worker, 'exit')
    worker.process.kill('SIGKILL')
    await gone
  })
  const [{ port }] = (await once(worker, 'listening')) as [AddressInfo]
  return { worker, port, listeners }
}

/** Each look at the kernel's counter says that one more handshake is answered by a cookie: somebody is in the middle of one. */
function cookiesGoOut(t: TestContext): void {
  const { readFileSync } = fs
  t.after(() => {
    fs.readFileSync = readFileSync
  })
  let sent = 0
  fs.readFileSync = ((path: string, ...rest: never[]) => {
    if (path.endsWith('/tcp_syncookies')) return '1\n'
    if (path.endsWith('/net/netstat')) return `TcpExt: SyncookiesSent\nTcpExt: ${++sent}\n`
    return readFileSync(path, ...rest)
  }) as typeof readFileSync
}

/** The kernel's word: a client that knocks while the plug is in finds out a second later. */
async function nobodyListens(port: number): Promise<void> {
  const address = { address: '127.0.0.1', port, family: 'IPv4' }
  await until(
    'nobody listens',
    () => socketsOfPort(address, [TCP_STATE.listen]),
    (rows) => rows?.length === 0,
  )
}

function openTimers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}
