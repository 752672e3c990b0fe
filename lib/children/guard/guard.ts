import type { ChildProcess } from 'node:child_process'
import type { Writable } from 'node:stream'
import { debugLog } from '../../debug-log.ts'
import { newCookie, TREE_COOKIE } from '../../process-tree/cookie.ts'
import type { TreeNews } from '../../process-tree/owned/told-trees.ts'
import { GUARD_SOURCE } from './guard-source.ts'
import type { TreeBook } from './tree-book.ts'

const debug = debugLog('guard')

/**
 * Nobody that we supervise outlives us, SIGKILL included: a process in a session of its own reads a pipe from us, and
 * the end of that pipe is our end, however we came to it. It starts with the first child and ends with us.
 */
export class Guard {
  readonly #book: TreeBook
  #process: ChildProcess | undefined
  #pipe: Writable | undefined

  /** It is told what the book says, a line of JSON each. */
  constructor(book: TreeBook) {
    this.#book = book
    book.read((news) => this.#write(news))
  }

  start(): void {
    if (this.#process) return
    // The program comes by its standard input: as an argument, `ps` would show all of it. No environment: no mark of a
    // tree above, no NODE_OPTIONS whose preload would run in it; but a mark that says whose it is, so that a lastcall
    // above leaves it to us.
    const { spawn } = process.getBuiltinModule('node:child_process')
    const guard = spawn(process.execPath, ['--input-type=commonjs', '-'], {
      detached: true,
      env: { [TREE_COOKIE]: newCookie('') },
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
    })
    guard.on('error', (error) => debug('the guard did not start: %s', error.message))
    this.#process = guard
    this.#pipe = guard.stdio[3] as Writable
    for (const pipe of [guard.stdin, this.#pipe]) {
      pipe?.on('error', () => {})
      ;(pipe as { unref?: () => void } | null)?.unref?.()
    }
    guard.unref()
    guard.stdin?.end(GUARD_SOURCE)
    guard.once('exit', () => {
      if (this.#process !== guard) return
      debug('the guard has gone; another one starts')
      this.#process = undefined
      if (this.#book.isEmpty) return
      this.start()
      this.#book.retell((news) => this.#write(news))
    })
  }

  /** Nothing is supervised any more: the guard ends. */
  stop(): void {
    this.#pipe?.end()
    this.#pipe = undefined
    this.#process = undefined
  }

  #write(news: TreeNews): void {
    this.#pipe?.write(`${JSON.stringify(news)}\n`)
  }
}
