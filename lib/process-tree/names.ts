import { basename, dirname } from 'node:path'

/** What a process is called. */
export interface Named {
  /** Target of /proc/PID/exe; empty where it may not be read: another user's, or set-uid. */
  readonly exe: string
  readonly argv: readonly string[]
}

const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'rbash', 'zsh', 'yash', 'fish', 'ksh', 'ksh93', 'mksh', 'lksh'])

/** Shells whose TERM trap, seen from outside, is a trap: ksh and mksh catch TERM always, zsh notices that its child was held. */
const TRAP_SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'rbash'])

/**
 * Programs whose whole work is to start another one and to end with its code. Each was seen to spoil a stop when it is
 * told before its child has ended: npm, pnpm, yarn, sudo, su and catatonit end with 143 or 1, su kills after 2 s, timeout,
 * dumb-init and nodemon tell the child again, npm-run-all loses one. tini needs no entry and has one for tini -g.
 */
export const STARTERS: ReadonlySet<string> = new Set([
  ...['tini', 'docker-init', 'dumb-init', 'catatonit', 'sudo', 'doas', 'su', 'runuser', 'timeout'],
  ...['npm', 'npx', 'pnpm', 'pnpx', 'yarn', 'yarnpkg', 'corepack', 'npm-run-all', 'run-p', 'run-s'],
  ...['concurrently', 'conc', 'nodemon', 'parallel'],
])

const INTERPRETER = /^(node|nodejs|bun|deno|perl|python|pypy|ruby)[\d.]*$/

/** Options of interpreters whose value is the next argument, so that it is not taken for the script. */
const TAKES_VALUE = /^(-r|--require|--import|--(experimental-)?loader|-C|--conditions|--env-file|--title|-[WXI])$/

/** The code stands on the command line: there is no script. */
const INLINE = /^(-[a-zA-Z]*[ec]|-p|-pe|--eval|--print)$/

/** Files that are called the same in every package: the package's folder says more. */
const NAMELESS = /^(index|main|cli|bin)$/

/**
 * All names a process goes by: its executable's, what it calls itself (`npm start`, `-bash`), busybox's applet, and the
 * script that an interpreter runs.
 */
export function namesOf({ exe, argv }: Named): string[] {
  const file = basename(exe.replace(/ \(deleted\)$/, ''))
  const called = calledAs(argv[0] ?? '')
  // A shell's argv[0] may be anything: `su -` calls it -su, and it is no su.
  if (SHELLS.has(file)) return unique([file, SHELLS.has(called) ? called : ''])
  const names = [file, called]
  if (called === 'busybox') names.push(calledAs(argv[1] ?? ''))
  if (names.some((name) => INTERPRETER.test(name))) names.push(scriptName(argv))
  return unique(names)
}

export function isShell(names: readonly string[]): boolean {
  return names.some((name) => SHELLS.has(name))
}

/** Can whoever catches the signal be asked whether it runs a trap, by holding its children? */
export function isTrapShell(names: readonly string[]): boolean {
  return names.some((name) => TRAP_SHELLS.has(name))
}

/** A command line short enough for a sentence: `node server.js`. */
export function titleOf({ exe, argv }: Named, comm: string): string {
  const line = [basename(argv[0] || exe), ...argv.slice(1)].join(' ').replaceAll(/\s+/g, ' ').trim() || `[${comm}]`
  return line.length > 60 ? `${line.slice(0, 57)}...` : line
}

/** The first word of argv[0], without its folder, a login shell's dash and the colon of a title (`nginx: master`). */
function calledAs(argv0: string): string {
  return basename(argv0.split(' ')[0] ?? '')
    .replace(/^-/, '')
    .replace(/:$/, '')
}

function scriptName(argv: readonly string[]): string {
  // Empty ones are what a process that renamed itself left of its arguments.
  const args = argv.slice(1).filter((arg) => arg !== '')
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (arg === '-m') return args[i + 1] ?? '' // python -m MODULE
    if (INLINE.test(arg)) return ''
    if (TAKES_VALUE.test(arg)) i++
    else if (!arg.startsWith('-') && arg !== 'run') return fromPath(arg)
  }
  return ''
}

/** npm-cli.js is npm, .yarn/releases/yarn-4.1.0.cjs is yarn, npm-run-all/bin/npm-run-all/index.js is npm-run-all. */
function fromPath(path: string): string {
  const name = basename(path).replace(/\.([cm]?[jt]s|py|rb|pl)$/, '')
  if (NAMELESS.test(name)) {
    const folder = basename(dirname(path).replace(/(\/(bin|dist|lib))+$/, ''))
    return folder === '.' ? name : folder
  }
  return name.replace(/-cli$/, '').replace(/-\d+\.\d.*$/, '')
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => name !== '')
}
