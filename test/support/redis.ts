import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, startProgram } from './app.ts'
import { can } from './can.ts'
import type { TestContext } from './suite.ts'

/** The reason to skip, or false. */
export const redisIsAbsent = (): string | false => can.program('redis-server')

/** A server of the test's own, ended with it. Returns its socket, in a private folder, so that no port can clash. */
export async function startRedis(t: TestContext): Promise<{ readonly socket: string; readonly server: App }> {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-redis-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const socket = join(folder, 'redis.sock')
  const options = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '', '--appendonly', 'no']
  const server = await startProgram(t, ['redis-server', ...options], { ready: /ready to accept connections/i })
  return { socket, server }
}
