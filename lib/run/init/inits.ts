import { accessSync, constants } from 'node:fs'
import { constants as os } from 'node:os'
import { delimiter, join } from 'node:path'

/** Programs that can be PID 1 above us: they reap orphans, hand every signal on, and end with our code. Best first. */
export const INITS = ['tini', 'catatonit', 'dumb-init', 'sh'] as const
export type InitName = (typeof INITS)[number]

/** One that is there and runs. */
export interface Init {
  readonly name: InitName
  readonly file: string
  /** Before our own command line. */
  readonly args: readonly string[]
}

/** Where images have one besides PATH: copied to /, as tini's README does, or podman's own. */
const USUAL_FOLDERS = ['/sbin', '/usr/bin', '/usr/sbin', '/usr/local/bin', '/bin', '/', '/usr/libexec/podman']

/** Signals that these keep to themselves: the kernel sends them to whoever is in a terminal's background. */
const UNPASSED: readonly NodeJS.Signals[] = ['SIGTTIN', 'SIGTTOU']

/** Does it hand all of these on? */
export function passes(name: InitName, signals: readonly NodeJS.Signals[]): boolean {
  return name === 'dumb-init' || name === 'sh' || !signals.some((signal) => UNPASSED.includes(signal))
}

/** The first of `names` that is in this image and runs. */
export function findInit(names: readonly InitName[]): Init | undefined {
  for (const name of names) {
    const file = files(name).find(isExecutable)
    if (file !== undefined && runs(name, file)) return { name, file, args: argsOf(name) }
  }
  return undefined
}

/** `name` alone would be looked up once more, perhaps elsewhere. */
function files(name: InitName): string[] {
  if (name === 'sh') return ['/bin/sh']
  // It would signal our whole group, and on a terminal that is the command's, too: told twice.
  if (name === 'tini' && process.env.TINI_KILL_PROCESS_GROUP !== undefined) return []
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...USUAL_FOLDERS]
  return folders.filter((folder) => folder.startsWith('/')).map((folder) => join(folder, name))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Tried before it replaces us: where execve fails, Node 22 and 24 abort, and the container would not start. A tini that
 * is linked against another libc than the image's is there, executable, and does not run.
 */
function runs(name: InitName, file: string): boolean {
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  return spawnSync(file, name === 'sh' ? ['-c', ':'] : ['--version'], { stdio: 'ignore', timeout: 2_000 }).status === 0
}

function argsOf(name: InitName): readonly string[] {
  // By itself it signals our whole group, as with tini above, and takes the terminal away from us.
  if (name === 'dumb-init') return ['--single-child', '--']
  return name === 'sh' ? ['-c', script(), 'lastcall'] : ['--']
}

/** SIGKILL and SIGSTOP cannot be handed on, SIGCHLD is its own; SIGTSTP and SIGCONT are for whoever is told, not for one above. */
const KEPT = ['SIGKILL', 'SIGSTOP', 'SIGCHLD', 'SIGTSTP', 'SIGCONT']

/** What the program itself did wrong, not what somebody sent. */
const FAULTS = [
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGIOT',
  'SIGBUS',
  'SIGFPE',
  'SIGSEGV',
  'SIGSYS',
  'SIGPIPE',
  'SIGXCPU',
  'SIGXFSZ',
]

/**
 * A shell as init. `wait` reaps whoever comes, and returns early, with 128 + n, when a trap has run: so again until the
 * program is gone; what `wait` says once more then is its own code, unless nobody knows it any longer (127). Signals go
 * by number, since shells differ in their names. A job in the background reads /dev/null unless it is told otherwise.
 */
function script(): string {
  const numbers = Object.entries(os.signals)
    .filter(([name]) => !KEPT.includes(name) && !FAULTS.includes(name))
    .map(([, number]) => number)
  return [
    'p= t=',
    'f() { if [ "$p" ]; then kill "-$1" "$p" 2>/dev/null; else t="$t $1"; fi; }',
    `for s in ${[...new Set(numbers)].join(' ')}; do trap "f $s" "$s"; done 2>/dev/null`,
    'exec 3<&0; "$@" <&3 3<&- & p=$!; exec 3<&-',
    'for s in $t; do f "$s"; done',
    'while :; do wait "$p"; r=$?; kill -0 "$p" 2>/dev/null || break; done',
    'wait "$p" 2>/dev/null; s=$?; [ "$s" = 127 ] || r=$s',
    'exit "$r"',
  ].join('\n')
}
