import { fileURLToPath } from 'node:url'
import { type App, type ProgramOptions, startProgram } from './app.ts'
import type { TestContext } from './suite.ts'

/** A program on a terminal of its own, and a person in front of it. */
export interface Terminal {
  readonly app: App
  /** Keys: `\r` is Enter, `\x03` Ctrl-C, `\x1a` Ctrl-Z, `\x1c` Ctrl-\. */
  type(keys: string): void
  resize(columns: number): void
  /** Closes the window: the kernel tells those in it with SIGHUP. */
  hangUp(): void
  /** What has been shown since the start. */
  readonly screen: string
  /** Waits until the screen shows it. */
  shows(pattern: string | RegExp): Promise<string>
}

/** Starts a command on a real terminal of 80 columns; needs python3 (`can.program('python3')`). */
export async function startOnTerminal(
  t: TestContext,
  command: readonly string[],
  options: Pick<ProgramOptions, 'env' | 'cwd'> = {},
): Promise<Terminal> {
  const driver = fileURLToPath(new URL('on_terminal.py', import.meta.url))
  const app = await startProgram(t, ['python3', driver, ...command], {
    ...options,
    ready: false,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const act = (what: object): void => void app.process.stdin?.write(`${JSON.stringify(what)}\n`)
  return {
    app,
    type: (keys) => act({ type: keys }),
    resize: (columns) => act({ columns }),
    hangUp: () => act({ hangUp: true }),
    get screen() {
      return app.stdout
    },
    shows: (pattern) => app.says(pattern),
  }
}
