import { inspect } from 'node:util'
import { printOnStderr } from '../on-stderr.ts'

/** Prints an uncaught error as Node does before it exits; Node itself prints nothing once somebody listens. */
export function printError(error: unknown): void {
  const isError = error !== null && typeof error === 'object' && 'stack' in error
  printOnStderr(`${isError ? '' : 'Uncaught:\n'}${inspect(error)}\n\nNode.js ${process.version}\n`)
}
