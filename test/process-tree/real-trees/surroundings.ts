import { spawnSync } from 'node:child_process'
import process from 'node:process'

/** How the same command line meets the kernel: as PID 1 or not, with which rights. */
export interface Surroundings {
  readonly name: string
  /** Goes before the command. */
  readonly prefix: readonly string[]
  readonly pid1: boolean
  /** Root as far as the tree can see, with the right to become others. */
  readonly root: boolean
  /** Why this machine has none of it; false where it has. */
  readonly missing: string | false
}

const isRoot = process.getuid?.() === 0
const namespace = ['unshare', '--fork', '--pid', '--mount-proc', '--kill-child']
const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
// https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities; above all, no sys_ptrace.
const dockerDefault =
  'chown,dac_override,fsetid,fowner,mknod,net_raw,setgid,setuid,setfcap,setpcap,net_bind_service,sys_chroot,kill,audit_write'
const docker = ['setpriv', '--bounding-set', `-all,+${dockerDefault.replaceAll(',', ',+')}`, '--inh-caps', '-all']

export const asPid1: Surroundings = surroundings('as PID 1', {
  prefix: isRoot ? namespace : [...namespace.slice(0, 1), '--user', '--map-root-user', ...namespace.slice(1)],
  pid1: true,
  root: isRoot,
})
export const notAsPid1: Surroundings = surroundings('not as PID 1', { prefix: [], pid1: false, root: isRoot })
export const inDocker: Surroundings = surroundings("as PID 1 with Docker's capabilities", {
  prefix: [...namespace, ...docker],
  pid1: true,
  root: isRoot,
})
export const asNobody: Surroundings = surroundings('as an ordinary user', {
  prefix: isRoot ? nobody : [],
  pid1: false,
  root: false,
})
/** setpriv goes first: unshare forgets --kill-child when what it starts changes user. */
export const asNobodyPid1: Surroundings = surroundings('as PID 1 of an ordinary user', {
  prefix: [...(isRoot ? nobody : []), 'unshare', '--user', '--map-root-user', ...namespace.slice(1)],
  pid1: true,
  root: false,
})

function surroundings(name: string, rest: Omit<Surroundings, 'name' | 'missing'>): Surroundings {
  const [program, ...args] = [...rest.prefix, process.execPath, '-e', '0']
  const tried = spawnSync(program as string, args, { encoding: 'utf8', timeout: 10_000 })
  const why = tried.error?.message ?? tried.stderr.trim()
  return { name, ...rest, missing: tried.status === 0 ? false : `cannot run ${name}: ${why}` }
}
