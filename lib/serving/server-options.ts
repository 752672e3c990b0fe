import { checkHookOptions, isName } from '../hooks/hook.ts'
import { badOption, checkKeys } from '../options.ts'
import type { DrainOptions } from './drainable.ts'

/** The options of `server`; none has to be given. */
export interface ServerOptions extends DrainOptions {
  /**
   * Its name in the report.
   * @default what it is: 'http server', 'http server 2'
   */
  readonly name?: string
  /**
   * Names of hooks of the phase `drain`, a consumer's too, that end before this server does: it serves on for them.
   * @default []
   */
  readonly after?: readonly string[]
}

const KNOWN = ['name', 'after', 'idleMs', 'closeReason']
/** A close frame has 125 bytes, two of them for the code. */
const LONGEST_REASON = 123

/** @throws {LastcallError} ERR_LASTCALL_OPTION */
export function checkServerOptions(options: ServerOptions): void {
  checkKeys('server', options, KNOWN)
  const { name, after, idleMs, closeReason } = options
  if (name !== undefined && !isName(name)) {
    throw badOption('server.name', 'a string of one line', name, "Write { name: 'api' }.")
  }
  checkHookOptions('server', name ?? '', { after: after ?? [] }, ['after'])
  // 0 is allowed: it closes idle connections at once.
  if (idleMs !== undefined && !(typeof idleMs === 'number' && idleMs >= 0 && idleMs < 2 ** 31)) {
    throw badOption('server.idleMs', 'a number of milliseconds, 0 or more', idleMs, 'Write 500.')
  }
  if (closeReason === undefined) return
  if (typeof closeReason !== 'string' || Buffer.byteLength(closeReason) > LONGEST_REASON) {
    const bytes = typeof closeReason === 'string' ? `, and not ${Buffer.byteLength(closeReason)}` : ''
    const what = `a string of at most ${LONGEST_REASON} bytes${bytes}`
    throw badOption('server.closeReason', what, closeReason, "Write 'restarting'.")
  }
}
