import { spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { startProgram } from './app.ts'
import { can } from './can.ts'
import type { TestContext } from './suite.ts'

/** How a client reaches the server: by a socket in a private folder, so that no port can clash. */
export interface Postgres {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

/** The reason to skip, or false. */
export const postgresIsAbsent = (): string | false => can.program(program('initdb'))

/** A server of the test's own, ended with it. */
export async function startPostgres(t: TestContext): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-postgres-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  // It refuses to run as root.
  const asUser =
    process.getuid?.() === 0 ? ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--init-groups'] : []
  if (asUser.length > 0) chownSync(folder, Number(run('id', '-u', 'postgres')), Number(run('id', '-g', 'postgres')))
  const data = join(folder, 'data')
  const options = ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C']
  const [first = '', ...rest] = [...asUser, program('initdb'), ...options]
  run(first, ...rest)
  const server = await startProgram(
    t,
    [...asUser, program('postgres'), '-D', data, '-k', folder, '-c', 'listen_addresses=', '-F'],
    { ready: /ready to accept connections/, cwd: folder },
  )
  // Before the tree is killed: a killed postmaster leaves its shared memory behind.
  t.after(() => {
    server.kill('SIGQUIT')
    return server.exited
  })
  return { host: folder, port: 5432, user: 'postgres', database: 'postgres' }
}

/** Debian keeps the server's programs out of PATH. */
function program(name: string): string {
  const root = '/usr/lib/postgresql'
  try {
    const [newest] = readdirSync(root).sort((a, b) => Number(b) - Number(a))
    return join(root, newest ?? '', 'bin', name)
  } catch {
    return name
  }
}

function run(command: string, ...args: string[]): string {
  const done = spawnSync(command, args, { encoding: 'utf8' })
  if (done.status === 0) return done.stdout.trim()
  throw new Error(`${command} ${args.join(' ')}: ${done.error?.message ?? done.stderr}`)
}
