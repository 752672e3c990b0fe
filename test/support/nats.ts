import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProgram } from './app.ts'
import { can } from './can.ts'
import type { TestContext } from './suite.ts'

/** The reason to skip, or false. */
export const natsIsAbsent = (): string | false => can.program('nats-server')

/** A server of the test's own on a port that it chose itself, ended with the test. */
export async function startNats(
  t: TestContext,
  { jetStream = false } = {},
): Promise<{ readonly server: string; readonly freeze: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-nats-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const options = ['-a', '127.0.0.1', '-p', '-1', ...(jetStream ? ['-js', '-sd', folder] : [])]
  const app = await startProgram(t, ['nats-server', ...options], { ready: /Server is ready/ })
  const port = (await app.says(/client connections on 127\.0\.0\.1:\d+/)).split(':').at(-1)
  return { server: `127.0.0.1:${port}`, freeze: () => app.kill('SIGSTOP') }
}
