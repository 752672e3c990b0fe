import * as assert from 'uvu/assert'
import { runCommand } from '../../lib/cli/run/run-command.ts'
import { UsageError } from '../../lib/cli/usage-error.ts'
import { test } from '../support/suite.ts'

const SEE_RUN = ' See: lastcall run --help'

/** In one line, and before anything is started. */
function refuses(title: string, args: string[], line: string): void {
  test(title, async () => {
    const thrown = await runCommand(args).then(
      () => undefined,
      (error: unknown) => error,
    )
    assert.instance(thrown, UsageError)
    assert.is((thrown as UsageError).message, line)
  })
}

refuses(
  'an unknown option names the nearest one',
  ['--graec', '5', '--', 'true'],
  `lastcall run: there is no option --graec. Did you mean --grace?${SEE_RUN}`,
)
refuses(
  'run without a command says what to write',
  ['--grace', '5'],
  `lastcall run: there is no command. Write lastcall run -- node server.js, or several in a lastcall.config.json.${SEE_RUN}`,
)
refuses(
  'an option without its value is not given the --',
  ['--grace', '--', 'true'],
  `lastcall run: --grace needs a value.${SEE_RUN}`,
)
refuses(
  'a flag with a value is refused',
  ['--json=yes', '--', 'true'],
  `lastcall run: --json takes no value, got "yes".${SEE_RUN}`,
)
for (const bad of ['5s', 'abc', '0', '-1', '1e400', '']) {
  refuses(
    `--grace "${bad}" is refused`,
    [`--grace=${bad}`, '--', 'true'],
    bad === ''
      ? `lastcall run: --grace needs a value.${SEE_RUN}`
      : `lastcall run: --grace takes a number of seconds, at least 1, got "${bad}". Write --grace 30.${SEE_RUN}`,
  )
}
refuses(
  'a signal with a slip names the nearest one',
  ['--stop-signal', 'TREM', '--', 'true'],
  `lastcall run: --stop-signal takes the name of a signal, got "TREM". Did you mean TERM?${SEE_RUN}`,
)
refuses(
  'a word that is no signal is refused',
  ['--stop-signal', 'FOO', '--', 'true'],
  `lastcall run: --stop-signal takes the name of a signal, got "FOO". Write TERM.${SEE_RUN}`,
)
for (const signal of ['KILL', 'SIGSTOP', '9']) {
  const name = { KILL: 'KILL', SIGSTOP: 'STOP', 9: 'KILL' }[signal]
  refuses(
    `--stop-signal ${signal} is refused, since nobody can handle it`,
    ['--stop-signal', signal, '--', 'true'],
    `lastcall run: --stop-signal cannot be ${name}: no program can handle it, so nothing would be cleaned up. Write TERM, INT or QUIT.${SEE_RUN}`,
  )
}
refuses(
  '--pass TERM is refused, since it is how a stop begins',
  ['--pass', 'TERM', '--', 'true'],
  `lastcall run: --pass cannot be TERM: it is how a stop begins. It may be HUP, QUIT, USR1, USR2, WINCH, ALRM, TTIN, TTOU, URG, IO, PWR.${SEE_RUN}`,
)
refuses(
  'a report in a folder that is not there is refused before anything is started',
  ['--report', '/nowhere/report.json', '--', 'true'],
  `lastcall run: --report names a file in a folder that cannot be written to: /nowhere. Create it first.${SEE_RUN}`,
)
