/**
 * Whether a descriptor is a terminal. Not by `process.stdin.isTTY`: to touch a stream makes its pipe non-blocking for
 * everybody who shares it, a child too. Loaded only now: `node:tty` brings `node:net`, 4 ms of a service's start.
 */
export function onTerminal(fd: 0 | 2): boolean {
  return process.getBuiltinModule('node:tty').isatty(fd)
}
