import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type App, type ProgramOptions, startProgram } from './app.ts'
import type { TestContext } from './suite.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))

/** Podman with all of its state in a folder of its own, and images that are made of this machine's files: no registry. */
export class Containers {
  readonly #folder = mkdtempSync(join(tmpdir(), 'lastcall-podman-'))
  /** With it any podman command finds this state. */
  readonly env: NodeJS.ProcessEnv

  /** For all tests of a file: an image costs seconds. Everything is taken down when the file ends, however it does. */
  constructor() {
    const conf = join(this.#folder, 'containers.conf')
    const storage = join(this.#folder, 'storage.conf')
    // Without default_ulimits podman raises limits, which needs CAP_SYS_RESOURCE.
    writeFileSync(
      conf,
      `[containers]\ndefault_ulimits = []\n[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\ntmp_dir = "${this.#folder}/tmp"\n`,
    )
    writeFileSync(
      storage,
      `[storage]\ndriver = "overlay"\ngraphroot = "${this.#folder}/graph"\nrunroot = "${this.#folder}/run"\n`,
    )
    this.env = { ...process.env, CONTAINERS_CONF: conf, CONTAINERS_STORAGE_CONF: storage, DISABLE_HC_SYSTEMD: 'true' }
    process.once('exit', () => this.#down())
  }

  /** `podman ARGS…`, to its end; throws where it fails. */
  podman(...args: string[]): string {
    const done = spawnSync('podman', args, { env: this.env, encoding: 'utf8' })
    if (done.status === 0) return done.stdout.trim()
    throw new Error(`podman ${args.join(' ')}: ${done.error?.message ?? `code ${done.status}`}\n${done.stderr}`)
  }

  /** As Debian's slim images: dash, bash and coreutils, no ps; node, and lastcall in /usr/local/bin as npm links it. */
  slimImage(name = 'localhost/slim'): string {
    const root = this.#skeleton('slim')
    const programs = [
      '/bin/dash',
      '/bin/bash',
      '/usr/bin/env',
      '/usr/bin/setsid',
      '/bin/sleep',
      '/bin/cat',
      '/bin/true',
      '/usr/bin/id',
    ]
    for (const program of programs) addProgram(root, program)
    symlinkSync('dash', join(root, 'usr/bin/sh'))
    return this.#import(root, name)
  }

  /** As distroless images: node, and no shell. */
  distrolessImage(name = 'localhost/distroless'): string {
    return this.#import(this.#skeleton('distroless'), name)
  }

  /** Starts a container in the foreground; `app.exited` has its code, `podman stop NAME` stops it as a runtime does. */
  start(t: TestContext, name: string, args: readonly string[], options: ProgramOptions = {}): Promise<App> {
    // One in a pod has the pod's network.
    const network = args.includes('--pod') ? [] : ['--network', 'none']
    const command = ['podman', 'run', '--name', name, ...network, '--pull', 'never', ...args]
    return startProgram(t, command, { ...options, env: { ...this.env, ...options.env } })
  }

  #skeleton(name: string): string {
    const root = join(this.#folder, name)
    for (const folder of [
      'usr/bin',
      'usr/sbin',
      'usr/lib',
      'usr/lib64',
      'usr/local/bin',
      'etc',
      'app',
      'root',
      'tmp',
    ]) {
      mkdirSync(join(root, folder), { recursive: true })
    }
    for (const folder of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${folder}`, join(root, folder))
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/app:/bin/sh\n')
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:\n')
    cpSync(process.execPath, join(root, 'usr/local/bin/node'))
    addLibraries(root, process.execPath)
    const modules = join(root, 'usr/local/lib/node_modules/lastcall')
    cpSync(join(repository, 'dist'), join(modules, 'dist'), { recursive: true })
    cpSync(join(repository, 'package.json'), join(modules, 'package.json'))
    symlinkSync('../lib/node_modules/lastcall/dist/cli.js', join(root, 'usr/local/bin/lastcall'))
    return root
  }

  #import(root: string, name: string): string {
    const tar = `${root}.tar`
    spawnSync('tar', ['-C', root, '-cf', tar, '.'])
    this.podman('import', '-q', '--change', 'ENV PATH=/usr/local/bin:/usr/bin:/bin', tar, name)
    rmSync(tar)
    rmSync(root, { recursive: true })
    return name
  }

  #down(): void {
    const quietly = (...args: string[]) => spawnSync('podman', args, { env: this.env, stdio: 'ignore' })
    quietly('pod', 'rm', '-fa', '-t', '0')
    quietly('rm', '-fa', '-t', '0')
    quietly('umount', '-a')
    spawnSync('umount', [join(this.#folder, 'graph/overlay')], { stdio: 'ignore' })
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}

function addProgram(root: string, file: string): void {
  copy(root, file)
  addLibraries(root, file)
}

function addLibraries(root: string, file: string): void {
  const listed = spawnSync('ldd', [file], { encoding: 'utf8' }).stdout
  for (const library of listed.match(/\/[^ ]*/g) ?? []) copy(root, library)
}

function copy(root: string, file: string): void {
  mkdirSync(join(root, dirname(file)), { recursive: true })
  // Node 22's cpSync takes a link to a library for a folder.
  copyFileSync(file, join(root, file))
}
