import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { DeadlineLine } from '../children/cascade/deadline-line.ts'

/** The command could not be started; `exitCode` is what a shell would end with. */
export class CannotStart extends Error {
  readonly exitCode: 126 | 127

  constructor(exitCode: 126 | 127, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

export interface SpawnSetup {
  /** In a session and group of its own, so that no terminal and no other group signal reaches it but through us. */
  readonly detached: boolean
  readonly env: NodeJS.ProcessEnv
  /** Its other end becomes the command's descriptor 3. */
  readonly line: DeadlineLine | undefined
}

/** Starts a program, never through a shell, on our own standard streams. */
export async function spawnCommand(command: readonly string[], setup: SpawnSetup): Promise<ChildProcess> {
  const { detached, env, line } = setup
  const [file = '', ...args] = command
  const streams = ['inherit', 'inherit', 'inherit'] as const
  const child = spawn(file, args, { detached, env, stdio: line ? [...streams, line.descriptor] : [...streams] })
  line?.handedDown()
  // Without a listener for 'error' a failed start would be an uncaught exception.
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    child.once('spawn', () => resolve(undefined))
    child.once('error', resolve)
  })
  if (error) throw cannotStart(file, error)
  return child
}

/** The codes of POSIX shells: 127 where there is no such command, 126 where it cannot be executed. */
function cannotStart(file: string, cause: NodeJS.ErrnoException): CannotStart {
  if (cause.code === 'ENOENT' && file.includes('/') && existsSync(file)) {
    // The kernel says ENOENT of the interpreter too; "#!/bin/sh\r" is the usual one.
    const why = `cannot run ${file}: the interpreter in its first line does not exist. Does it have Windows line ends?`
    return new CannotStart(127, why, { cause })
  }
  if (cause.code === 'ENOENT') {
    const hint = file.includes(' ') ? ' Write program and arguments as separate words, without quotes around all.' : ''
    return new CannotStart(127, `command not found: ${file}.${hint}`, { cause })
  }
  if (cause.code === 'EACCES') {
    return new CannotStart(126, `cannot execute ${file}: it is not executable, or a directory. Try chmod +x.`, {
      cause,
    })
  }
  return new CannotStart(126, `cannot execute ${file}: ${cause.message}.`, { cause })
}
