import type { ChildProcess } from 'node:child_process'
import type { ChildEnd } from '../children/life/child-end.ts'
import { setTimeout } from '../real-time.ts'

/** A turn after the exit, when libuv has closed its handle: the report names what still holds the event loop. */
export function commandEnd(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve) => child.once('exit', (code, signal) => setTimeout(resolve, 0, { code, signal })))
}

export function endText({ code, signal }: ChildEnd): string {
  return signal ? `ended by ${signal}` : `code ${code}`
}
