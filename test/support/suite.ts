import { realpathSync } from 'node:fs'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { suite } from 'uvu'

/** What a test gets. */
export interface TestContext {
  /** Aborts when the test's limit is over: hand it to whatever waits. */
  readonly signal: AbortSignal
  /** Runs when the test ends, passed or failed; the last registered runs first. */
  after(cleanup: () => unknown): void
}

export interface TestOptions {
  /** Only ends a hang; no test measures with it. @default 20000 */
  readonly limitMs?: number
  /** The reason, in words, when this machine cannot run the test; false or undefined where it can. */
  readonly skip?: string | false | undefined
}

const tests = suite()
let state: 'empty' | 'collecting' | 'running' = 'empty'

/**
 * Registers a test; the file's suite runs by itself once the module has been evaluated.
 * Closes uvu's traps: a thrown non-Error vanishes, `after.each` swallows failures, a promise that never settles waits
 * for ever, `.run()` can be forgotten.
 */
export function test(title: string, body: (t: TestContext) => unknown, options: TestOptions = {}): void {
  if (state === 'running') throw new Error(`test("${title}") came when the file's tests were already running`)
  if (state === 'empty') void runWhenEvaluated()
  state = 'collecting'
  if (options.skip) {
    // The runner collects these lines; CI compares them with what the machine can do.
    console.log(`SKIPPED ${title} (${options.skip})`)
    tests.skip(title)
    return
  }
  tests(title, () => runTest(title, body, options.limitMs ?? 20_000))
}

/**
 * A module that is still being evaluated is imported when it is done, its top-level awaits included: what uvu runs
 * earlier lacks the tests below the first await. Where evaluation fails, Node itself says so and exits with 1.
 */
async function runWhenEvaluated(): Promise<void> {
  const file = pathToFileURL(realpathSync(process.argv[1] as string)).href
  try {
    await import(file)
  } catch {
    return
  }
  state = 'running'
  tests.run()
}

async function runTest(title: string, body: (t: TestContext) => unknown, limitMs: number): Promise<void> {
  const cleanups: (() => unknown)[] = []
  const failures: Error[] = []
  const limit = new AbortController()
  let timer: NodeJS.Timeout | undefined
  // A ref'd timer: an empty event loop must not end a file in the middle of a test.
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`"${title}" was still running after ${limitMs} ms`)
      limit.abort(error)
      reject(error)
    }, limitMs)
  })
  try {
    await Promise.race([body({ signal: limit.signal, after: (cleanup) => cleanups.push(cleanup) }), hung])
  } catch (thrown) {
    failures.push(asError(thrown))
  }
  clearTimeout(timer)
  for (const cleanup of cleanups.reverse()) {
    try {
      await within(5_000, cleanup)
    } catch (thrown) {
      failures.push(asError(thrown))
    }
  }
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) throw new AggregateError(failures, failures.map((e) => e.stack).join('\n\nand in cleanup: '))
}

async function within(ms: number, run: () => unknown): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`a cleanup was still running after ${ms} ms`)), ms)
  })
  try {
    await Promise.race([run(), hung])
  } finally {
    clearTimeout(timer)
  }
}

/** uvu loses whatever has no message, name or stack, and the rest of the suite with it. */
function asError(thrown: unknown): Error {
  const isError =
    thrown instanceof Error && [thrown.name, thrown.message, thrown.stack].every((x) => typeof x === 'string')
  return isError ? thrown : new Error(`thrown, but no Error: ${inspect(thrown)}`)
}
