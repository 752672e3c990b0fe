import { readFileSync } from 'node:fs'
import { get as httpGet } from 'node:http'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { type App, startProgram } from '../support/app.ts'
import type { TestContext } from '../support/suite.ts'

export const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url))

/** Starts an example on a port that was free, and waits until it says `ready`. */
export async function startExample(
  t: TestContext,
  file: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly app: App; readonly port: number }> {
  const app = await startProgram(t, [process.execPath, join(EXAMPLES, file)], { env: { PORT: '0', ...env } })
  return { app, port: Number(/^ready on port (\d+)$/m.exec(app.stdout)?.[1]) }
}

/** It ended by itself, clean and with code 0, and said all of this on stdout, in this order, and in its report's line. */
export async function endsClean(app: App, says: readonly string[], facts: string): Promise<void> {
  const { code, signal, stdout, stderr } = await app.exited
  assert.equal([code, signal], [0, null], stdout + stderr)
  const lines = stdout.split('\n').filter((line) => says.includes(line))
  assert.equal(lines, says, stdout + stderr)
  assert.match(stderr, /^lastcall: clean: SIGTERM, done in .*, exit code 0$/m)
  assert.match(stderr, new RegExp(`[;,] ${facts}, exit code 0$`, 'm'), stderr)
}

/** `began`: the server has read the request, and said so; only then is it in flight. */
export function get(port: number): { readonly began: Promise<unknown>; readonly answer: Promise<string> } {
  const request = httpGet({ port, host: '127.0.0.1', path: '/', agent: false, headers: { expect: '100-continue' } })
  const answer = new Promise<string>((resolve, reject) => {
    request.on('error', reject).once('response', async (response) => {
      let text = ''
      for await (const chunk of response.setEncoding('utf8')) text += chunk
      resolve(`${response.statusCode} ${response.headers.connection} ${text}`)
    })
  })
  // Whoever waits for `began` hears of it there first.
  answer.catch(() => {})
  const began = Promise.race([new Promise((resolve) => request.once('continue', resolve)), answer])
  return { began, answer }
}

/** Its first two lines say what to run, and what to watch. */
export function hasFirstComment(file: string): void {
  const text = readFileSync(join(EXAMPLES, file), 'utf8')
  assert.match(text, new RegExp(`^// node examples/${file}.*\\n(// .*\\n)?// Watch: `), file)
}
