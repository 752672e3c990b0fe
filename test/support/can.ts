import { spawnSync } from 'node:child_process'
import process from 'node:process'

/**
 * What this machine can do. Each returns false where a test can run, or the reason to skip it:
 * `test('…', body, { skip: can.podman() })`. With LASTCALL_TEST_REQUIRES=all, or a list of names, what is required
 * and absent throws instead: CI sets it, so that no test is skipped there by accident.
 */
export const can = {
  linux: () => need('linux', process.platform === 'linux', 'needs Linux'),
  root: () => need('root', process.getuid?.() === 0, 'needs root'),
  /** `unshare --fork --pid --mount-proc …` as root. */
  pidNamespace: () =>
    need('pidNamespace', succeeds('unshare', '--fork', '--pid', '--mount-proc', 'true'), 'needs a PID namespace'),
  podman: () => need('podman', succeeds('podman', 'info'), 'needs podman'),
  /** A program of that name in PATH. */
  program: (name: string) => need(name, succeeds('sh', '-c', 'command -v "$0"', name), `needs ${name}`),
  /** Packages that the project does not install itself. */
  registry: () => need('registry', succeeds('npm', 'view', 'typescript@5.0.4', 'version'), 'needs the npm registry'),
  /** An older commit of this repository: a tarball and a shallow clone have none. */
  history: (commit: string | undefined) => need('history', commit !== undefined, 'needs the history of git'),
  /** An oddity of Node's own line, which no machine can be asked for: never required. */
  node: (major: number) =>
    Number(process.versions.node.split('.')[0]) >= major ? (false as const) : `needs Node ${major} or newer`,
}

function need(name: string, there: boolean, reason: string): string | false {
  if (there) return false
  const required = process.env.LASTCALL_TEST_REQUIRES?.split(',') ?? []
  if (!required.includes('all') && !required.includes(name)) return reason
  throw new Error(`this machine must be able to run every test (LASTCALL_TEST_REQUIRES), but: ${reason}`)
}

const known = new Map<string, boolean>()

function succeeds(command: string, ...args: string[]): boolean {
  const key = [command, ...args].join(' ')
  const before = known.get(key)
  if (before !== undefined) return before
  const done = spawnSync(command, args, { stdio: 'ignore', timeout: 30_000 }).status === 0
  known.set(key, done)
  return done
}
