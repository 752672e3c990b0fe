import { fork, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns'
import { once } from 'node:events'
import { mkdtempSync, rmSync, unwatchFile, watch, watchFile } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { MessageChannel, Worker } from 'node:worker_threads'
import * as assert from 'uvu/assert'
import { openHandles } from '../../lib/report/open-handles.ts'
import { watchWorkerThreads } from '../../lib/report/worker-threads.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const has = (line: string): boolean => openHandles().includes(line)
const hasNot = (line: string): Promise<unknown> =>
  until(`${line} is gone`, openHandles, (lines) => !lines.includes(line))

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'lastcall-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('a server is named with its address, its connections with their port, a socket with where it goes', async (t) => {
  const server = createHttpServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  t.after(() => server.closeAllConnections())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const sockets = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  t.after(() => sockets.map((socket) => socket.destroy()))
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  const connections = `connection from 127.0.0.1 on port ${port} × 2`
  await until('both are accepted', openHandles, (lines) => lines.includes(connections))
  assert.ok(has(`server on 127.0.0.1:${port}`))
  assert.ok(has(`socket to 127.0.0.1:${port} × 2`))
})

test('what is unref’d is not named', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const line = `server on 127.0.0.1:${(server.address() as AddressInfo).port}`
  assert.ok(has(line))
  server.unref()
  assert.not.ok(has(line))
})

test('what was closed in this turn of the event loop is not named', async (t) => {
  const before = openHandles()
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.after(() => socket.destroy())
  const [accepted] = (await once(server, 'connection')) as [Socket]
  socket.destroy()
  accepted.destroy()
  server.close()
  assert.equal(openHandles(), before)
})

test('an IPv6 address has brackets, a Unix socket its path', async (t) => {
  const path = join(folder(t), 'app.sock')
  const [six, unix] = [createServer().listen(0, '::1'), createServer().listen(path)]
  t.after(() => [six, unix].map((server) => server.close()))
  await Promise.all([once(six, 'listening'), once(unix, 'listening')])
  assert.ok(has(`server on [::1]:${(six.address() as AddressInfo).port}`))
  assert.ok(has(`server on ${path}`))
})

test('a child process is one line with its pid, its pipes included', async (t) => {
  const before = openHandles()
  const child = spawn('sleep', ['60'])
  t.after(() => child.kill('SIGKILL'))
  await once(child, 'spawn')
  const added = openHandles().filter((line) => !before.includes(line))
  assert.equal(added, [`child process ${child.pid} (sleep)`])
})

test('a child that was ended and one that was unref’d are not named', async (t) => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  await once(child, 'spawn')
  const line = `child process ${child.pid} (sleep)`
  assert.ok(has(line))
  child.unref()
  assert.not.ok(has(line))
  child.ref()
  child.kill('SIGKILL')
  await once(child, 'exit')
  await hasNot(line)
})

test('a forked child shows its IPC channel', async (t) => {
  const child = fork('process.on("message", () => {})', {
    execPath: '/bin/sh',
    execArgv: ['-c', 'exec sleep 60'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  t.after(() => child.kill('SIGKILL'))
  await once(child, 'spawn')
  assert.ok(has(`child process ${child.pid} (/bin/sh)`))
  assert.ok(has('IPC channel (of a child or to the parent)'))
})

test('timers are counted, without those that are unref’d', async (t) => {
  const count = (): number => {
    const line = openHandles().find((one) => one.startsWith('timer'))
    return line === undefined ? 0 : Number(line.split('× ')[1] ?? 1)
  }
  const before = count()
  const timers = [setInterval(() => {}, 60_000), setTimeout(() => {}, 60_000), setTimeout(() => {}, 60_000).unref()]
  t.after(() => timers.map((timer) => clearTimeout(timer)))
  assert.is(count(), before + 2)
})

test('file watchers, a UDP socket and a message port are named', async (t) => {
  const path = folder(t)
  const watcher = watch(path)
  t.after(() => watcher.close())
  watchFile(join(path, 'file'), () => {})
  t.after(() => unwatchFile(join(path, 'file')))
  const udp = createSocket('udp4').bind(0, '127.0.0.1')
  t.after(() => udp.close())
  await once(udp, 'listening')
  const { port1 } = new MessageChannel()
  port1.on('message', () => {})
  t.after(() => port1.close())
  assert.ok(has('file watcher (fs.watch)'))
  assert.ok(has('file watcher (fs.watchFile)'))
  assert.ok(has(`UDP socket on 127.0.0.1:${udp.address().port}`))
  assert.ok(has('message port (of a worker thread or a MessageChannel)'))
})

test('a DNS look-up in flight is named', async () => {
  const done = new Promise((resolve) => lookup('localhost', resolve))
  assert.ok(has('DNS look-up'))
  await done
  await hasNot('DNS look-up')
})

test('a worker thread that was heard of is named once, with its name where Node tells it, unless it is unref’d', async (t) => {
  const threads = watchWorkerThreads()
  t.after(() => threads.stop())
  const worker = new Worker('setInterval(() => {}, 60_000)', { eval: true, name: 'resizer' })
  t.after(() => worker.terminate())
  worker.on('message', () => {})
  await once(worker, 'online')
  const lines = openHandles(threads.holding())
  const [named] = lines.filter((line) => line.startsWith('worker thread'))
  assert.match(named ?? '', new RegExp(`^worker thread ${worker.threadId}( \\(resizer\\))?$`))
  assert.not.ok(
    lines.some((line) => line.startsWith('message port')),
    'its port is the thread',
  )
  worker.unref()
  assert.equal(threads.holding(), [])
  worker.ref()
  await worker.terminate()
  assert.equal(threads.holding(), [])
})

test('our own stdout and stderr are not named', () => {
  process.stdout.write('')
  process.stderr.write('')
  assert.not.ok(openHandles().some((line) => line.startsWith('pipe') || line.startsWith('WriteStream')))
})

test('a handle that throws when it is looked at costs the others nothing', async (t) => {
  const [bad, good] = [createServer().listen(0, '127.0.0.1'), createServer().listen(0, '127.0.0.1')]
  await Promise.all([once(bad, 'listening'), once(good, 'listening')])
  t.after(() => [bad, good].map((server) => server.close()))
  Object.defineProperty(bad, 'address', {
    value: () => {
      throw new Error('no')
    },
  })
  const lines = openHandles()
  assert.ok(lines.includes('Server'))
  assert.ok(lines.includes(`server on 127.0.0.1:${(good.address() as AddressInfo).port}`))
})
