/** The closed set of codes. Each has a heading in docs/errors.md, and a test compares the two lists. */
export const ERROR_CODES = [
  /** An option is unknown, has the wrong type or is out of range; also a bad name or function. */
  'ERR_LASTCALL_OPTION',
  /** A signal that cannot begin a shutdown was asked for. */
  'ERR_LASTCALL_SIGNAL',
  /** Two registrations share a name. */
  'ERR_LASTCALL_DUPLICATE',
  /** `after` names a hook that does not exist or belongs to another phase. */
  'ERR_LASTCALL_AFTER',
  /** `after` closes a cycle. */
  'ERR_LASTCALL_CYCLE',
  /** `resource` found no way to close the thing, or the thing belongs to another verb. */
  'ERR_LASTCALL_RESOURCE',
  'ERR_LASTCALL_SERVER',
  /** `consumer` was given something that it does not know how to stop. */
  'ERR_LASTCALL_CONSUMER',
  /** `createShutdown` was called again with other options. */
  'ERR_LASTCALL_EXISTS',
  /** A method was called that the version of lastcall which created the shutdown of this process does not have. */
  'ERR_LASTCALL_VERSION',
  /** The shutdown was disposed. */
  'ERR_LASTCALL_DISPOSED',
  /** A process does not exist, or may not be read or signalled. */
  'ERR_LASTCALL_PROCESS',
  /** Something was registered or started that a shutdown in progress has no place for. */
  'ERR_LASTCALL_STOPPING',
  /** A probe server could not listen on its port. */
  'ERR_LASTCALL_LISTEN',
  /** A child ended for good before it was ready. */
  'ERR_LASTCALL_CHILD',
] as const

/** What `code` of a LastcallError can be; docs/errors.md has cause and fix of each. */
export type LastcallErrorCode = (typeof ERROR_CODES)[number]

/** Every error that lastcall throws. `message` is for people, `code` is for programs. */
export class LastcallError extends Error {
  override readonly name = 'LastcallError'
  /** Never changes its meaning, unlike the message's words. */
  readonly code: LastcallErrorCode

  /** @internal */
  constructor(code: LastcallErrorCode, message: string, options?: ErrorOptions) {
    super(`lastcall: ${message}`, options)
    this.code = code
  }
}
