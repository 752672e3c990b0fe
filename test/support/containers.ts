import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
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
    addLastcall(root)
    addPrograms(root)
    return this.#import(root, name)
  }

  /** As distroless images: node, and no shell. */
  distrolessImage(name = 'localhost/distroless'): string {
    const root = this.#skeleton('distroless')
    addLastcall(root)
    return this.#import(root, name)
  }

  /**
   * As a Dockerfile's `FROM node:20-slim` and `node:20-bookworm`, which has Python: an `npm install` in it finds the
   * packages of this machine, `packages` and what they depend on.
   */
  nodeImages(packages: readonly string[]): void {
    const root = this.#skeleton('node')
    addPrograms(root, '/bin/tar', '/bin/gzip')
    cpSync(fileURLToPath(new URL('offline-npm.mjs', import.meta.url)), join(root, 'usr/local/bin/npm'))
    chmodSync(join(root, 'usr/local/bin/npm'), 0o755)
    for (const name of packages) addPackage(root, name)
    this.#import(root, 'localhost/node:20-slim')

    const python = join(this.#folder, 'python')
    addProgram(python, '/usr/bin/python3')
    const [folder = ''] = readdirSync('/usr/lib').filter((name) => /^python3\.\d+$/.test(name))
    cpSync(`/usr/lib/${folder}`, join(python, 'usr/lib', folder), { recursive: true, filter: isNeeded })
    writeFileSync(join(python, 'Dockerfile'), 'FROM localhost/node:20-slim\nCOPY . /\n')
    this.podman('build', '-q', '--pull=never', '-t', 'localhost/node:20-bookworm', python)
    rmSync(python, { recursive: true })
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

function addLastcall(root: string): void {
  const modules = join(root, 'usr/local/lib/node_modules/lastcall')
  cpSync(join(repository, 'dist'), join(modules, 'dist'), { recursive: true })
  cpSync(join(repository, 'package.json'), join(modules, 'package.json'))
  symlinkSync('../lib/node_modules/lastcall/dist/cli.js', join(root, 'usr/local/bin/lastcall'))
}

function addPrograms(root: string, ...more: string[]): void {
  const coreutils = ['/usr/bin/env', '/bin/sleep', '/bin/cat', '/bin/true', '/usr/bin/id']
  for (const program of ['/bin/dash', '/bin/bash', '/usr/bin/setsid', ...coreutils, ...more]) addProgram(root, program)
  symlinkSync('dash', join(root, 'usr/bin/sh'))
}

/** With what it depends on, into /opt/node_modules. */
function addPackage(root: string, name: string): void {
  const target = join(root, 'opt/node_modules', name)
  if (existsSync(target)) return
  cpSync(join(repository, 'node_modules', name), target, { recursive: true })
  const { dependencies = {} } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'))
  for (const dependency of Object.keys(dependencies)) {
    if (!existsSync(join(target, 'node_modules', dependency))) addPackage(root, dependency)
  }
}

/** Of Python's library: a program of its own needs neither its tests nor its tools. */
const isNeeded = (file: string): boolean =>
  !/\/(__pycache__|test|idlelib|lib2to3|config-[^/]*|dist-packages)$/.test(file)

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
