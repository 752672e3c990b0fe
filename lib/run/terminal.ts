import { closeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { readStat } from '../process-tree/find-linux.ts'
import type { OwnNamespace } from './init/own-namespace.ts'

/**
 * Our process group, where a standard stream is a terminal and that group is in its foreground: then the command has to
 * stay in it. In a group of its own it could not read the terminal, and Ctrl-C and Ctrl-Z would never reach it.
 */
export function foregroundGroup(): number | undefined {
  if (![0, 1, 2].some((fd) => isatty(fd))) return undefined
  const own = readStat(process.pid)
  return own && own.pgid === own.tpgid ? own.pgid : undefined
}

/**
 * Whether this signal came from the terminal, to the whole foreground group: Ctrl-C, Ctrl-\, and SIGHUP once the
 * terminal is gone, which a shell tells its jobs. But the kernel tells a session's leader alone, and where that is us
 * (`podman run -t`), or our init, which tells us alone, nobody has told the command.
 */
export function isFromTerminal(signal: NodeJS.Signals | undefined, namespace: OwnNamespace | undefined): boolean {
  if (signal === 'SIGINT' || signal === 'SIGQUIT') return true
  const own = readStat(process.pid)
  if (signal !== 'SIGHUP' || !own || own.tpgid > 0 || own.sid === process.pid) return false
  if (!namespace?.init) return true
  return own.sid !== 1 && sharesGroup(own.pgid)
}

/** tini and catatonit give us a group of our own; a shell and dumb-init share theirs with us. */
function sharesGroup(pgid: number): boolean {
  return readStat(1)?.pgid === pgid
}

/**
 * Ctrl-Z stops nobody while we are PID 1: the kernel spares it, and its group as one that nobody could continue. In a
 * group of our own below an init nobody could continue us either, and a stopped container hears no SIGTERM.
 */
export function spareFromCtrlZ(namespace: OwnNamespace | undefined): void {
  const group = foregroundGroup()
  if (!namespace?.init || group === undefined || sharesGroup(group)) return
  process.on('SIGTSTP', () => void process.kill(-group, 'SIGCONT'))
}

/**
 * Node puts the terminal back as it was when it exits, and aborts (SIGABRT, or a crash) where the terminal is gone. It
 * leaves closed descriptors alone.
 */
export function closeLostTerminal(): void {
  if ((readStat(process.pid)?.tpgid ?? -1) > 0) return
  for (const fd of [0, 1, 2]) {
    try {
      closeSync(fd)
    } catch {
      // Somebody closed it before us.
    }
  }
}
