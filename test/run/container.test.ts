import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import type { App } from '../support/app.ts'
import { can } from '../support/can.ts'
import { Containers } from '../support/containers.ts'
import { type TestContext, test } from '../support/suite.ts'
import { jsonReport } from './run-cli.ts'

const skip = can.root() || can.podman() || can.program('runc')
const limitMs = 60_000
const apps = fileURLToPath(new URL('../apps/', import.meta.url))

let containers: Containers | undefined
const images = new Map<string, string>()

/** Made once: it takes seconds. */
function image(kind: 'slim' | 'distroless'): string {
  containers ??= new Containers()
  const made = images.get(kind) ?? (kind === 'slim' ? containers.slimImage() : containers.distrolessImage())
  images.set(kind, made)
  return made
}

/** Starts a container as a user would, with the test apps in /app, and waits for `ready`. */
function start(t: TestContext, name: string, args: readonly string[]): Promise<App> {
  return (containers as Containers).start(t, name, ['-v', `${apps}:/app:ro`, ...args])
}

/** As a runtime stops it: SIGTERM to PID 1, SIGKILL after 20 s. */
function stop(name: string): void {
  containers?.podman('stop', '-t', '20', name)
}

test(
  'in a container the server under a start script cleans up, and the container ends with its code',
  async (t) => {
    const slim = image('slim')
    const folder = mkdtempSync(join(tmpdir(), 'lastcall-image-'))
    t.after(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'start.sh'), 'echo starting\nnode /app/says-signals.js 3\n')
    writeFileSync(
      join(folder, 'Dockerfile'),
      `FROM ${slim}\nCOPY start.sh /start.sh\nENTRYPOINT ["lastcall", "run", "--json", "--"]\nCMD ["bash", "/start.sh"]\n`,
    )
    containers?.podman('build', '-q', '--pull=never', '-t', 'localhost/service', folder)
    const app = await start(t, 'script', ['localhost/service'])
    stop('script')
    const ended = await app.exited
    assert.is(ended.code, 3, ended.stderr)
    assert.match(ended.stdout, /^starting\nready .*\ngot SIGTERM\ncleaning up\ncleaned up\n$/)
    assert.is(jsonReport(ended).outcome, 'clean')
  },
  { skip, limitMs },
)

test(
  'an ordinary user without capabilities, on a read-only root, is stopped as well',
  async (t) => {
    const slim = image('slim')
    const app = await start(t, 'user', [
      ...['--user', '1000', '--cap-drop', 'all', '--read-only', slim],
      ...['lastcall', 'run', '--json', '--', 'sh', '-c', 'node /app/says-signals.js 4; exit $?'],
    ])
    stop('user')
    const ended = await app.exited
    assert.equal([ended.code, jsonReport(ended).outcome], [4, 'clean'], ended.stderr)
  },
  { skip, limitMs },
)

test(
  'an image without a shell and without env starts lastcall by node',
  async (t) => {
    const distroless = image('distroless')
    const lastcall = '/usr/local/lib/node_modules/lastcall/dist/cli.js'
    const app = await start(t, 'distroless', [
      ...[
        distroless,
        '/usr/local/bin/node',
        lastcall,
        'run',
        '--json',
        '--',
        '/usr/local/bin/node',
        '/app/says-signals.js',
        '5',
      ],
    ])
    stop('distroless')
    const ended = await app.exited
    assert.equal([ended.code, jsonReport(ended).outcome], [5, 'clean'], ended.stderr)
    assert.match(ended.stdout, /got SIGTERM\ncleaning up\ncleaned up\n$/)
  },
  { skip, limitMs },
)

test(
  'with a terminal of its own (run -t) the command is told once',
  async (t) => {
    const slim = image('slim')
    const app = await start(t, 'terminal', ['-t', slim, 'lastcall', 'run', '--', 'node', '/app/says-signals.js', '6'])
    stop('terminal')
    const { code, stdout } = await app.exited
    assert.equal([code, stdout.match(/got \w+/g)], [6, ['got SIGTERM']], stdout)
  },
  { skip, limitMs },
)

test(
  'a shell that somebody opened in the container (exec) does not hold its stop up',
  async (t) => {
    const slim = image('slim')
    const app = await start(t, 'visited', [
      slim,
      'lastcall',
      'run',
      '--json',
      '--',
      'node',
      '/app/says-signals.js',
      '7',
    ])
    containers?.podman('exec', '-d', 'visited', 'sh', '-c', 'trap "" TERM; sleep 3000; true')
    stop('visited')
    const ended = await app.exited
    const { outcome, children } = jsonReport(ended)
    assert.equal([ended.code, outcome, children[0]?.killed], [7, 'clean', 0], ended.stderr)
  },
  { skip, limitMs },
)
