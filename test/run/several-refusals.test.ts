import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import * as assert from 'uvu/assert'
import { startCli, startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { test } from '../support/suite.ts'
import { CLI, folder } from './several-cli.ts'

interface Refusal {
  readonly says: string | RegExp
  readonly files?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
}

/** Exit code 2, these words, nothing on stdout, and no command ran: each would have made a file. */
function refuses(title: string, { says, files = {}, args = [] }: Refusal): void {
  test(`nothing starts: ${title}`, async (t) => {
    const cwd = folder(t, files)
    const app = await startCli(t, ['run', ...args], { ready: false, cwd })
    const { code, stdout, stderr } = await app.exited
    assert.match(stderr, says)
    assert.equal([code, stdout, readdirSync(cwd).sort()], [2, '', Object.keys(files).sort()], stderr)
    assert.not.match(stderr, /^ +at /m)
  })
}

const GOOD = '"good": "touch started"'
/** A file whose first command is good: were it started, there would be a file. */
const json = (rest: string): Readonly<Record<string, string>> => ({
  'lastcall.config.json': `{ "commands": {\n${GOOD},\n${rest}\n} }\n`,
})

for (const [title, rest, says] of [
  [
    'a command is empty',
    '"a": ""',
    'lastcall: lastcall.config.json:3:1: commands.a.command must be a command line, got "".',
  ],
  [
    'a command is missing',
    '"a": { "cwd": "." }',
    'lastcall.config.json:3:1: commands.a.command must be an array of program and arguments, got undefined.',
  ],
  [
    'a command is no text',
    '"a": 5',
    'lastcall.config.json:3:1: commands.a must be a command line or an object with a command, got 5.',
  ],
  [
    'an array is empty',
    '"a": { "command": [] }',
    'lastcall.config.json:3:8: commands.a.command must be an array of program and arguments, got [].',
  ],
  [
    'an option is unknown',
    '"a": { "command": "true", "restrat": 1 }',
    'lastcall.config.json:3:27: commands.a.restrat is no option. Did you mean restart?',
  ],
  [
    'a value is none of the allowed',
    '"a": { "command": "true", "restart": "allways" }',
    "commands.a.restart must be one of 'on-failure', 'never', 'always', got \"allways\". Did you mean 'always'?",
  ],
  [
    'a program of a line is not there',
    '"a": "nod server.js"',
    'lastcall.config.json:3:1: commands.a.command must begin with a program that sh finds, got "nod server.js". Did you mean "node"? It is in no folder of PATH',
  ],
  [
    'a program of an array is not there',
    '"a": { "command": ["nod"] }',
    'commands.a.command must be a program that exists, got "nod". Did you mean "node"? It is in no folder of PATH',
  ],
  [
    'program and arguments are one word',
    '"a": { "command": ["sleep 1"] }',
    'commands.a.command must be a program that exists, got "sleep 1". Split the words: ["sleep", "1"].',
  ],
  [
    'stepOver is no list of names',
    '"a": { "command": "true", "stepOver": "launch" }',
    'commands.a.stepOver must be an array of names of programs, got "launch". Write [\'launch\'].',
  ],
  [
    'a cwd is not there',
    '"a": { "command": "true", "cwd": "nowhere" }',
    /lastcall\.config\.json:3:27: commands\.a\.cwd must be a folder that exists, got ".*\/nowhere"\. Create it/,
  ],
  [
    'a variable is a number',
    '"a": { "command": "true", "env": { "PORT": 8080 } }',
    'lastcall.config.json:3:36: commands.a.env.PORT must be a string, or null to remove it, got 8080.',
  ],
  [
    'a stop signal cannot be handled',
    '"a": { "command": "true", "stopSignal": "SIGKILL" }',
    'commands.a.stopSignal names SIGKILL, which no program can clean up on.',
  ],
  [
    'a readiness is none',
    '"a": { "command": "true", "ready": { "prot": 80 } }',
    'commands.a.ready has no option prot. Did you mean port?',
  ],
  [
    'after names nobody',
    '"a": { "command": "true", "after": ["godo"] }',
    'lastcall.config.json:3:27: commands.a.after names "godo", and no command has that name. Did you mean "good"?',
  ],
  [
    'after names nobody, by one letter',
    '"a": { "command": "true", "after": ["x"] }',
    'commands.a.after names "x", and no command has that name. Commands: good, a.',
  ],
  [
    'after closes a cycle',
    '"a": { "command": "true", "after": ["c"] }, "b": { "command": "true", "after": ["a"] }, "c": { "command": "true", "after": ["b"] }',
    'commands.a.after closes a cycle, each starts after the next: a → c → b → a. Remove one of these.',
  ],
  [
    'a command starts after itself',
    '"a": { "command": "true", "after": ["a"] }',
    'commands.a.after closes a cycle, each starts after the next: a → a.',
  ],
  ['a name is used twice', '"good": "true"', 'lastcall.config.json:3:1: "good" is there twice. Remove one of them.'],
  ['a name has a blank', '"a b": "true"', 'lastcall.config.json:3:1: commands.a b is no name: letters, digits'],
  [
    'JSON has a comment',
    '// a comment',
    'lastcall.config.json:3:1: JSON has no comments. Remove it, or write a .js file.',
  ],
  ['JSON has a comma too many', '"a": "true",', 'lastcall.config.json:3:12: there is a comma before }. Remove it.'],
  [
    'JSON has single quotes',
    "'a': 'true'",
    'lastcall.config.json:3:1: a name in double quotes was expected, got "\'".',
  ],
  ['a NUL', '"a": { "command": ["true", "\\u0000"] }', 'commands.a.command must be free of NUL characters'],
] as const) {
  refuses(title, { files: json(rest), says })
}

refuses('all that is wrong with one command is said at once', {
  files: json(
    '"a": { "command": ["nod"], "cwd": "nowhere", "restart": "x", "output": "y", "ready": "z", "stopSignal": "TREM" },\n' +
      '"b": { "command": "nod", "uid": -1, "gid": -2, "readyTimeoutMs": 0, "stopTimeoutMs": 0, "significant": 1, "stepOver": 5 }',
  ),
  says: new RegExp(
    [
      '^lastcall: 12 errors:',
      ...['restart', 'output', 'ready', 'cwd', 'stopSignal'].map(
        (name) => `(?=[^]*:3:\\d+: commands\\.a\\.${name} must )`,
      ),
      ...['uid', 'gid', 'readyTimeoutMs', 'stopTimeoutMs', 'significant', 'stepOver', 'command'].map(
        (name) => `(?=[^]*:4:\\d+: commands\\.b\\.${name} must )`,
      ),
    ].join(''),
  ),
})
refuses('all that is wrong is said at once', {
  files: json('"a": { "command": "true", "cwd": "nowhere", "x": 1 },\n"b": { "command": "true", "after": ["nobody"] }'),
  says: /^lastcall: 3 errors:\n {2}lastcall\.config\.json:3:\d+: commands\.a\.x .*\n {2}lastcall\.config\.json:3:\d+: commands\.a\.cwd .*\n {2}lastcall\.config\.json:4:\d+: commands\.b\.after .*\nNothing was started\.\n$/,
})
refuses('there are two files', {
  files: { 'lastcall.config.json': `{ "commands": { ${GOOD} } }`, 'lastcall.config.mjs': 'export default 1' },
  says: /there are lastcall\.config\.json and lastcall\.config\.mjs in .*\. Remove one, or name it: --config lastcall\.config\.json\./,
})
refuses('there is neither a command nor a file', {
  says: 'lastcall run: there is no command. Write lastcall run -- node server.js, or several in a lastcall.config.json. See:',
})
refuses('the file that is named is not there', {
  args: ['--config', 'x.json'],
  says: 'lastcall: there is no file x.json.',
})
refuses('the file that is named is none that we read', {
  files: { 'x.yaml': 'commands:' },
  args: ['--config', 'x.yaml'],
  says: 'lastcall: x.yaml is not a configuration: --config takes a .json, .js, .mjs or .ts file.',
})
refuses('a file has no commands', {
  files: { 'lastcall.config.json': '{}' },
  says: 'lastcall.config.json:1:1: commands must be an object with a member for each command, got undefined.',
})
refuses('a slip in a name is one error: what stands there is read as what was meant', {
  files: { 'lastcall.config.json': '{ "comands": {\n"a": { "comand": "true" }, "b": { "commnd": ["nod"] } } }' },
  says: /^lastcall: 4 errors:\n.*:1:3: comands is no option\. Did you mean commands\?\n.*:2:8: comands\.a\.comand is no option\. Did you mean command\?\n.*:2:35: comands\.b\.commnd is no option\..*\n.*comands\.b\.command must be a program that exists, got "nod".*\nNothing was started\.\n$/,
})
refuses('a slip in the name of the command alone', {
  files: json('"a": { "comand": "true" }'),
  says: /^lastcall: lastcall\.config\.json:3:8: commands\.a\.comand is no option\. Did you mean command\?\nNothing was started\.\n$/,
})
refuses('a file holds something else', {
  files: { 'lastcall.config.json': '[]' },
  says: 'lastcall.config.json:1:1: must be an object with commands, got [].',
})
refuses('a function of a file never answers, and nothing is left that could', {
  files: { 'lastcall.config.mjs': 'export default () => new Promise(() => {})' },
  says: /^lastcall: lastcall\.config\.mjs waits for something that never comes: nothing is open any more, and its promise is pending\.\n$/,
})
refuses('a module awaits what never comes', {
  files: { 'lastcall.config.mjs': 'await new Promise(() => {})\nexport default {}' },
  says: /^lastcall: lastcall\.config\.mjs waits for something that never comes/,
})
refuses('a file throws', {
  files: { 'lastcall.config.mjs': "import 'node:fs'\nthrow new Error('no database')" },
  says: /^lastcall: lastcall\.config\.mjs:2:7 threw: no database\n$/,
})
refuses('a function of a file throws', {
  files: { 'lastcall.config.mjs': "export default async () => {\n  throw new Error('no secret')\n}" },
  says: /^lastcall: lastcall\.config\.mjs:2:9 threw: no secret\n$/,
})
refuses('a file is no JavaScript', {
  files: { 'lastcall.config.mjs': 'export default {\n  commands: }\n' },
  says: /^lastcall: lastcall\.config\.mjs is no JavaScript: Unexpected token '}'\. node --check lastcall\.config\.mjs shows where\.\n$/,
})
refuses('a module exports nothing', {
  files: { 'lastcall.config.mjs': 'export const a = 1' },
  says: 'lastcall.config.mjs has no default export.',
})
refuses('a report has no folder', {
  files: { 'lastcall.config.json': `{ "commands": { ${GOOD} }, "reportFile": "no/report.json" }` },
  says: /lastcall\.config\.json:1:\d+: reportFile must name a file in a folder that can be written to/,
})
refuses('a grace period is none', {
  files: { 'lastcall.config.json': `{ "commands": { ${GOOD} }, "terminationGracePeriodSeconds": "30s" }` },
  says: 'terminationGracePeriodSeconds must be a number of seconds, at least 1, got "30s". Write 30.',
})

for (const [title, args, says] of [
  ['a name on the command line is used twice', ['a=touch started', 'a=true'], 'there are two commands named a.'],
  [
    'a command on the command line is empty',
    ['a=touch started', 'b='],
    "b= needs a command. Write b='node server.js'.",
  ],
  [
    'a variable stands before one command, as in a shell',
    ['FOO=bar', 'touch', 'started'],
    'write lastcall run -- env FOO=bar touch …',
  ],
  [
    'an option comes after the commands',
    ['a=touch started', '--restart', 'never'],
    "options come before the commands. Write lastcall run --restart … a='…'.",
  ],
  [
    'a name on the command line has other letters',
    ['wéb=touch started'],
    'lastcall run: "wéb" is no name: letters, digits, "-", "_" and "." make one, and the first is a letter or digit.',
  ],
  [
    'a second name on the command line has other letters',
    ['a=touch started', 'b@c=touch started'],
    '"b@c" is no name: letters, digits',
  ],
  [
    '--restart has another word',
    ['--restart', 'sometimes', 'a=touch started'],
    "commands.a.restart must be one of 'on-failure', 'never', 'always', got \"sometimes\".",
  ],
  [
    '--restart with one command',
    ['--restart', 'always', '--', 'touch', 'started'],
    "--restart is for named commands. Write lastcall run main='node server.js'.",
  ],
  [
    '--config with a command',
    ['--config', 'x.json', '--', 'touch', 'started'],
    '--config names a file with commands, and there is a command as well.',
  ],
  [
    '--config with named commands',
    ['--config', 'x.json', 'a=touch started'],
    '--config names a file with commands, and there are commands as well.',
  ],
] as const) {
  refuses(title, { args, says })
}

test(
  'nothing starts: a uid without the right to take it',
  async (t) => {
    const cwd = folder(t, { 'x.json': `{ "commands": { ${GOOD}, "a": { "command": "true", "uid": 1 } } }` })
    chmodSync(cwd, 0o755)
    const asNobody = ['setpriv', '--reuid', '65534', '--clear-groups']
    const app = await startProgram(t, [...asNobody, process.execPath, CLI, 'run', '--config', join(cwd, 'x.json')], {
      ready: false,
      cwd: '/',
    })
    const { code, stderr } = await app.exited
    assert.is(code, 2, stderr)
    assert.match(stderr, 'commands.a.uid must be our own (65534), since only root can take another, got 1.')
    assert.not.ok(existsSync(join(cwd, 'started')))
  },
  { skip: can.program('setpriv') },
)

test('nothing starts: a file that cannot be read', async (t) => {
  const cwd = folder(t, {})
  mkdirSync(join(cwd, 'folder.json'))
  const app = await startCli(t, ['run', '--config', 'folder.json'], { ready: false, cwd })
  const { code, stderr } = await app.exited
  assert.equal(
    [code, stderr],
    [2, 'lastcall: cannot read folder.json: EISDIR: illegal operation on a directory, read.\n'],
  )
})
