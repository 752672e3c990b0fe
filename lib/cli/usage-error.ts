/** What was typed is wrong: one line for people, exit code 2. */
export class UsageError extends Error {
  constructor(command: string, problem: string) {
    const [name, help] =
      command === '' ? ['lastcall', 'lastcall --help'] : [`lastcall ${command}`, `lastcall ${command} --help`]
    super(`${name}: ${problem} See: ${help}`)
  }
}
