import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as assert from 'uvu/assert'
import type { App, Exited } from '../support/app.ts'
import { Containers } from '../support/containers.ts'
import type { TestContext } from '../support/suite.ts'
import { EXAMPLES } from './example.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

interface RunOptions {
  /** @default the example's own */
  readonly command?: readonly string[]
  /** Of podman. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly ready?: RegExp | false
}

/** A container of an example, and what its pod's status would show. */
export interface Running {
  readonly app: App
  /** Runs a program inside; returns what it says. */
  exec(...command: string[]): string
  /** The same, and lets it run. */
  begin(...command: string[]): Promise<string>
  /** As the kubelet does it, and until it is gone. */
  stop(graceSeconds: number): Promise<Ended>
}

export interface Ended extends Pick<Exited, 'code' | 'stdout' | 'stderr'> {
  /** From the signal to the end of the container. */
  readonly tookMs: number
  readonly terminationMessage: string
}

/** Images made of the examples' Dockerfiles, as they are. */
export class ExampleImages {
  readonly containers = new Containers()
  readonly #folder = mkdtempSync(join(tmpdir(), 'lastcall-examples-'))
  readonly #built = new Map<string, string>()
  #names = 0

  constructor() {
    this.containers.nodeImages(['debug', 'pidtree', 'tree-kill', 'bullmq', 'ioredis'])
    const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--pack-destination', this.#folder], { cwd: ROOT })
    if (packed.status !== 0) throw new Error(`npm pack: ${packed.stderr}`)
    process.once('exit', () => rmSync(this.#folder, { recursive: true, force: true }))
  }

  /** Its name is the one in the manifests. */
  build(example: string, name: string): string {
    const known = this.#built.get(example)
    if (known) return known
    const context = join(this.#folder, example)
    cpSync(join(EXAMPLES, 'kubernetes', example), context, { recursive: true })
    const tarball = `lastcall-${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}.tgz`
    cpSync(join(this.#folder, tarball), join(context, tarball))
    this.containers.podman('build', '-q', '--pull=never', '-t', name, context)
    this.#built.set(example, name)
    return name
  }

  async run(t: TestContext, image: string, options: RunOptions = {}): Promise<Running> {
    const { command = [], args = [], env = {}, ready = /ready/ } = options
    const name = `example-${++this.#names}`
    const message = join(this.#folder, name)
    // The kubelet makes this file, and anybody may write it.
    writeFileSync(message, '')
    chmodSync(message, 0o666)
    const given = Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`])
    const mounts = ['-v', `${message}:/dev/termination-log`]
    const app = await this.containers.start(t, name, [...mounts, ...given, ...args, image, ...command], { ready })
    return {
      app,
      exec: (...inside) => this.containers.podman('exec', name, ...inside),
      begin: (...inside) => this.#inBackground('exec', name, ...inside),
      stop: async (graceSeconds) => {
        const began = performance.now()
        await this.#inBackground('stop', '-t', String(graceSeconds), name)
        const { code, stdout, stderr } = await app.exited
        const tookMs = performance.now() - began
        return { code, stdout, stderr, tookMs, terminationMessage: readFileSync(message, 'utf8') }
      },
    }
  }

  /** `podman kube play` of a manifest, taken down with the test. */
  async play(t: TestContext, pod: string, manifest: string): Promise<void> {
    const file = join(this.#folder, `${pod}.yaml`)
    writeFileSync(file, manifest)
    t.after(() => this.containers.podman('pod', 'rm', '-f', '-t', '0', pod))
    this.containers.podman('kube', 'play', '-q', file)
  }

  async #inBackground(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('podman', args, { env: this.containers.env })
    return stdout.trim()
  }
}

interface Expected {
  readonly code: number
  /** Lines of stdout, in this order. */
  readonly says: readonly string[]
  /** What `kubectl describe pod` shows. */
  readonly message: RegExp
  readonly withinMs: number
}

export function endsAs(ended: Ended, { code, says, message, withinMs }: Expected): void {
  const { stdout, stderr, tookMs, terminationMessage } = ended
  assert.is(ended.code, code, stdout + stderr)
  const lines = stdout.split('\n').filter((line) => says.includes(line))
  assert.equal(lines, says, stdout + stderr)
  assert.ok(message.test(terminationMessage), `it says: ${terminationMessage}\n${stderr}`)
  assert.ok(tookMs < withinMs, `gone after ${Math.round(tookMs)} ms`)
}
