import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { childOf } from './members.ts'

/** Somewhere to run a command as a pod would: as PID 1, where this machine lets us. */
export interface Place {
  readonly name: 'unshare' | 'unshare --user' | 'podman' | 'no namespace'
  /** Whether a command is PID 1 there, so that the kernel drops signals it does not handle. */
  readonly isNamespace: boolean
  start(command: readonly string[], env: NodeJS.ProcessEnv, folder: string): Started
}

export interface Started {
  readonly child: ChildProcess
  /** The command's pid as we see it from outside; undefined while it is not there yet. */
  pidOne(): number | undefined
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The best place that works on this machine. */
export function findPlace(): Place {
  return PLACES.find((place) => works(place.name)) ?? NO_NAMESPACE
}

/** Whether a place can be used here; tried, not guessed: kernels, sysctls, seccomp and AppArmor all have a say. */
export function works(name: Place['name']): boolean {
  switch (name) {
    case 'unshare':
      return succeeds(['unshare', ...UNSHARE, 'true'])
    case 'unshare --user':
      return succeeds(['unshare', ...UNSHARE_USER, 'true'])
    case 'podman': {
      const folder = mkdtempSync(join(tmpdir(), 'lastcall-demo-'))
      try {
        return succeeds(['podman', ...podmanRun(folder, `lastcall-demo-try-${process.pid}`, {}), 'true'])
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }
    case 'no namespace':
      return existsSync('/proc/self/stat')
  }
}

export function place(name: Place['name']): Place {
  return [...PLACES, NO_NAMESPACE].find((one) => one.name === name) as Place
}

const UNSHARE = ['--fork', '--pid', '--mount-proc']
const UNSHARE_USER = ['--user', '--map-root-user', ...UNSHARE]

const NO_NAMESPACE: Place = {
  name: 'no namespace',
  isNamespace: false,
  start: (command, env) => {
    const child = start(command, env)
    return { child, pidOne: () => child.pid }
  },
}

const PLACES: readonly Place[] = [
  { name: 'unshare', isNamespace: true, start: (command, env) => unshared(UNSHARE, command, env) },
  { name: 'unshare --user', isNamespace: true, start: (command, env) => unshared(UNSHARE_USER, command, env) },
  { name: 'podman', isNamespace: true, start: inPodman },
]

/** `unshare` itself ignores SIGTERM: the one to signal is its child, which is PID 1 inside. */
function unshared(flags: readonly string[], command: readonly string[], env: NodeJS.ProcessEnv): Started {
  const child = start(['unshare', ...flags, ...command], env)
  return { child, pidOne: () => childOf(child.pid) }
}

function inPodman(command: readonly string[], env: NodeJS.ProcessEnv, folder: string): Started {
  const name = `lastcall-demo-${process.pid}-${Math.random().toString(36).slice(2)}`
  const child = start(['podman', ...podmanRun(folder, name, env), ...command], process.env)
  return {
    child,
    pidOne: () => {
      const asked = spawnSync('podman', ['inspect', '-f', '{{.State.Pid}}', name], { encoding: 'utf8' })
      return Number(asked.stdout) || undefined
    },
  }
}

/** No image is pulled or built: the container's root is a skeleton, and this machine's /usr is mounted into it. */
function podmanRun(folder: string, name: string, env: NodeJS.ProcessEnv): string[] {
  const root = join(folder, `${name}-root`)
  for (const dir of ['usr', 'etc', 'proc', 'dev', 'sys', 'tmp', 'run']) mkdirSync(join(root, dir), { recursive: true })
  const links = ['bin', 'sbin', 'lib', 'lib64'].filter((dir) => existsSync(`/${dir}`) && isLink(`/${dir}`))
  for (const dir of links) symlinkSync(readlinkSync(`/${dir}`), join(root, dir))
  const node = dirname(dirname(process.execPath))
  const readable = ['/usr', '/etc', ROOT, ...(node === '/usr' ? [] : [node])]
  return [
    ...['run', '--rm', '--name', name, '--network', 'host', '--security-opt', 'label=disable'],
    ...readable.flatMap((dir) => ['-v', `${dir}:${dir}:ro`]),
    ...['-v', `${folder}:${folder}`],
    ...Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`]),
    ...['--rootfs', root],
  ]
}

/** A group of its own, so that Ctrl-C in the demo's terminal does not reach what it plays. */
function start(command: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const [file = '', ...args] = command
  return spawn(file, args, { env: { ...process.env, ...env }, stdio: 'ignore', detached: true })
}

function succeeds([file = '', ...args]: string[]): boolean {
  try {
    execFileSync(file, args, { stdio: 'ignore', timeout: 15_000 })
    return true
  } catch {
    return false
  }
}

function isLink(path: string): boolean {
  try {
    readlinkSync(path)
    return true
  } catch {
    return false
  }
}
