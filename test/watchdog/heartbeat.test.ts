import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'undici'
import * as assert from 'uvu/assert'
import { type App, startApp } from '../support/app.ts'
import { can } from '../support/can.ts'
import { alive, commandLine, type Process, readProcess, tree } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const HEARTBEAT_MS = 400
const options = { watchdog: { heartbeatMs: HEARTBEAT_MS }, terminationGracePeriodSeconds: 3 }
const skip = can.linux()

function start(t: TestContext, execArgv: readonly string[] = []): Promise<App> {
  return startApp(t, 'blocks-later', { options, execArgv })
}

function sleepsOf({ pid }: App): Process[] {
  return tree(pid).filter((one) => commandLine(one.pid).startsWith('sleep 30'))
}

/** Long enough to have barked three times: what must not happen has no event to wait for. */
const longEnough = (): Promise<void> => pause(HEARTBEAT_MS * 4)

test(
  'a loop that is blocked for longer ends the process without any signal: trees gone, reported, code 1',
  async (t) => {
    const app = await start(t)
    const sleeps = await until(
      'the tree is there',
      () => sleepsOf(app),
      (found) => found.length === 2,
    )
    app.kill('SIGUSR2')
    const { code, report, stderr } = await app.exited
    assert.equal([code, report.exitCode, report.ended, report.reason], [1, 1, 'blocked', { kind: 'blocked' }], stderr)
    assert.equal(
      [report.blocked?.at?.function, report.blocked?.at?.line, report.hook('never begun').outcome],
      ['blockHere', 3, 'never ran'],
    )
    assert.ok((report.blocked?.forMs ?? 0) >= HEARTBEAT_MS)
    assert.match(report.verdict, /^unclean: the event loop was blocked for .+ in blockHere \(.*block-here\.js:3\)/)
    assert.match(stderr, 'a blocked event loop began it')
    assert.equal(sleeps.filter(alive), [])
  },
  { skip },
)

for (const where of ['timer', 'immediate']) {
  test(
    `a loop that is blocked from its first turn on, in a ${where}, is found, too`,
    async (t) => {
      const app = await startApp(t, 'blocks-at-start', { options, args: [where] })
      const { code, report, stderr } = await app.exited
      assert.equal([code, report.ended, report.blocked?.at?.function], [1, 'blocked', 'blockHere'], stderr)
    },
    { skip },
  )
}

test(
  'a loop that turns is left alone, and SIGTERM ends it as ever',
  async (t) => {
    const app = await start(t)
    await longEnough()
    app.kill('SIGTERM')
    const { report } = await app.exited
    assert.equal([report.ended, report.reason.kind], ['done', 'signal'])
  },
  { skip },
)

test(
  'SIGSTOP and SIGCONT, as a suspended machine: nobody barks, and a block afterwards is still found',
  async (t) => {
    const app = await start(t)
    for (let round = 0; round < 3; round++) {
      app.kill('SIGSTOP')
      await until('it is stopped', () => readProcess(app.pid)?.state === 'T')
      await longEnough()
      app.kill('SIGCONT')
      await pause(HEARTBEAT_MS / 8)
    }
    await longEnough()
    assert.ok(alive(app.identity), app.stderr)
    app.kill('SIGUSR2')
    assert.is((await app.exited).report.reason.kind, 'blocked')
  },
  { skip },
)

test(
  'a debugger that holds main at a breakpoint is no block; when it has gone, a block is one',
  async (t) => {
    const app = await start(t, ['--inspect=127.0.0.1:0'])
    const url = (await app.says(/ws:\/\/\S+/)) as string
    const client = await Client.connect(t, url)
    await client.ask('Debugger.enable')
    const paused = client.event('Debugger.paused')
    app.kill('SIGWINCH')
    await paused
    await longEnough()
    assert.ok(alive(app.identity), app.stderr)
    const resumed = app.says('went on')
    await client.ask('Debugger.resume')
    await resumed
    client.close()
    await longEnough()
    assert.ok(alive(app.identity), app.stderr)
    app.kill('SIGUSR2')
    const { signal, report } = await app.exited
    // A listening inspector keeps main from ending by itself.
    assert.equal([signal, report.exitCode, report.blocked?.at?.function], ['SIGKILL', 137, 'blockHere'])
  },
  { skip },
)

/** Speaks the protocol of Chrome's developer tools. */
class Client {
  readonly #socket: WebSocket
  readonly #heard: { id?: number; method?: string }[] = []
  #lastId = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#heard.push(JSON.parse(String(data))))
  }

  static async connect(t: TestContext, url: string): Promise<Client> {
    const socket = new WebSocket(url)
    t.after(() => socket.close())
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve)
      socket.addEventListener('error', reject)
    })
    return new Client(socket)
  }

  async ask(method: string): Promise<void> {
    const id = ++this.#lastId
    this.#socket.send(JSON.stringify({ id, method }))
    await until(`the answer to ${method}`, () => this.#heard.some((one) => one.id === id))
  }

  async event(method: string): Promise<void> {
    await until(`the event ${method}`, () => this.#heard.some((one) => one.method === method))
  }

  close(): void {
    this.#socket.close()
  }
}
