import { existsSync, realpathSync } from 'node:fs'
import { basename, delimiter, join } from 'node:path'

/**
 * Words to put before a command so that the kernel kills it when we die: Node cannot set PR_SET_PDEATHSIG, util-linux'
 * setpriv can, and it is in every Debian image. It holds for the child itself, not for its children, and is lost when a
 * program changes its user.
 */
export function dieWithParent(): readonly string[] {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found = folders.map((folder) => join(folder, 'setpriv')).find((file) => existsSync(file) && !isBusyBox(file))
  return found ? [found, '--pdeathsig', 'KILL'] : []
}

/** BusyBox has a setpriv, as on Alpine, and it knows no --pdeathsig. */
function isBusyBox(file: string): boolean {
  return basename(realpathSync(file)) === 'busybox'
}
