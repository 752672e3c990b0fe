import { badOption } from '../options.ts'
import { fromProc } from './find-linux.ts'

/**
 * The environment variable that marks a tree. Children inherit it, so it finds those that left their group and were
 * re-parented. Its value is a path, `a/b`: a supervisor within a tree appends its own part, and both find their own.
 */
export const TREE_COOKIE = 'LASTCALL_TREE'

/**
 * A new mark, below `parent` (by default the mark of this process's own environment).
 * @throws {LastcallError} ERR_LASTCALL_OPTION when `parent` is no text
 */
export function newCookie(parent: string | undefined = process.env[TREE_COOKIE]): string {
  if (parent !== undefined && typeof parent !== 'string') {
    throw badOption('parent', 'a text', parent, `Write the value of ${TREE_COOKIE}.`)
  }
  // Our pid tells a direct child, the root of the marked tree, from a descendant that inherited the mark.
  // Loaded now: it costs 5 ms, and most programs that import us mark nobody.
  const own = `${process.pid}-${process.getBuiltinModule('node:crypto').randomBytes(8).toString('hex')}`
  return parent ? `${parent}/${own}` : own
}

/** All variables of a process, as they were when it was last exec'd; undefined where they may not be read. */
export function readEnvironment(pid: number): string | undefined {
  return fromProc(`/proc/${pid}/environ`)
}

/**
 * The mark in a process's environment. Undefined without one, for another user's process, for a zombie, and where the
 * program has overwritten its environment (setproctitle).
 */
export function readCookie(pid: number): string | undefined {
  return cookieIn(readEnvironment(pid))
}

export function cookieIn(environment: string | undefined): string | undefined {
  // Variables end with a NUL each. The text is searched, not split: it may be megabytes, and is read for every process.
  const assignment = `\0${TREE_COOKIE}=`
  const text = `\0${environment ?? ''}`
  const start = text.indexOf(assignment)
  if (start < 0) return undefined
  const end = text.indexOf('\0', start + 1)
  return text.slice(start + assignment.length, end < 0 ? undefined : end)
}

/** The mark of the process that was asked for last: many trees ask for the same one, one after the other. */
export class LastMark {
  #stat: object | undefined
  #found: { readonly mark: string | undefined; readonly isEmpty: boolean } = { mark: undefined, isEmpty: true }

  of(stat: { readonly pid: number }): { readonly mark: string | undefined; readonly isEmpty: boolean } {
    if (this.#stat !== stat) {
      const environment = readEnvironment(stat.pid)
      this.#stat = stat
      this.#found = { mark: cookieIn(environment), isEmpty: environment === '' }
    }
    return this.#found
  }
}

/** Does a process with the mark `found` belong to the tree `cookie`? */
export function withinCookie(found: string | undefined, cookie: string): boolean {
  return found !== undefined && (found === cookie || found.startsWith(`${cookie}/`))
}

/**
 * The mark of the tree whose root is this process: undefined for a process that only inherited it, since the mark would
 * then find the processes beside and above it too.
 */
export function cookieOfRoot(root: { readonly pid: number; readonly ppid: number }): string | undefined {
  const cookie = readCookie(root.pid)
  const maker = cookie?.slice(cookie.lastIndexOf('/') + 1).split('-')[0]
  return maker !== undefined && Number(maker) === root.ppid ? cookie : undefined
}

/** Who made the marks that a process carries, the outermost first. */
export function makersOf({ pid }: { readonly pid: number }): number[] {
  const marks = readCookie(pid)?.split('/') ?? []
  return marks.map((mark) => Number(mark.split('-')[0]))
}
