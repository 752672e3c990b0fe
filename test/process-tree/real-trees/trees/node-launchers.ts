import type { Tree } from '../tree.ts'

const server = 'server; npm and sh only start it'
const packageJson = (scripts: Record<string, string>) =>
  JSON.stringify({ name: 'app', private: true, type: 'module', scripts })
const start = packageJson({ start: 'node server.js a' })

/** How a Node service is started when it is not started by node. */
export const nodeLaunchers: Tree[] = [
  ...[
    ['npm', 'start'],
    ['npm', 'run', 'start', '--silent'],
    ['npx', 'node', 'server.js', 'a'],
    ['pnpm', 'start'],
    ['pnpm', 'exec', 'node', 'server.js', 'a'],
    ['yarn', 'start'],
  ].map(
    (launcher): Tree => ({
      name: launcher.join(' '),
      told: server,
      command: launcher,
      files: { 'package.json': start },
      expect: { code: 0, ms: 529 },
    }),
  ),
  {
    name: 'bash → npm start, code 7',
    told: server,
    command: ['bash', '-c', 'npm start; exit $?'],
    files: { 'package.json': packageJson({ start: 'node server.js a 500 7' }) },
    expect: { code: 7, ms: 529 },
  },
  {
    name: 'npm start, poststart',
    told: server,
    command: ['npm', 'start'],
    files: {
      'package.json': packageJson({ start: 'node server.js a', poststart: 'echo "poststart done" >>events.log' }),
    },
    expect: { code: 0, order: ['a cleaned', 'poststart done'], ms: 532 },
  },
  {
    name: 'npm start → npm run serve → server',
    told: server,
    command: ['npm', 'start'],
    files: { 'package.json': packageJson({ start: 'npm run serve', serve: 'node server.js a' }) },
    expect: { code: 0, ms: 540 },
  },
  {
    name: 'npm start → run-p a b',
    told: 'both servers; what is above only starts them',
    command: ['npm', 'start'],
    files: {
      'package.json': packageJson({
        start: 'run-p serve:*',
        'serve:a': 'node server.js a',
        'serve:b': 'node server.js b',
      }),
    },
    ready: ['a ready', 'b ready'],
    expect: { code: 0, cleaned: ['a', 'b'], ms: 600 },
  },
  {
    name: 'run-s build start',
    told: 'server',
    command: ['run-s', 'build', 'start'],
    files: { 'package.json': packageJson({ build: 'echo building', start: 'node server.js a' }) },
    expect: { code: 0, ms: 560 },
  },
  {
    name: 'concurrently a b',
    told: 'both servers; concurrently only starts them',
    command: ['concurrently', '--raw', 'node server.js a', 'node server.js b'],
    ready: ['a ready', 'b ready'],
    expect: { code: 0, cleaned: ['a', 'b'], ms: 560 },
  },
  {
    name: 'nodemon',
    told: 'server, then nodemon, which waits for a change',
    command: ['nodemon', '--quiet', 'server.js', 'a'],
    expect: { code: 143, ms: 781 },
  },
  {
    name: 'node --watch server',
    told: 'the watcher, which tells the server',
    command: ['node', '--watch', 'server.js', 'a'],
    expect: { code: 0, ms: 600 },
  },
  {
    name: 'tsx server',
    told: 'tsx, which tells the server',
    command: ['tsx', 'server.js', 'a', '500', '7'],
    expect: { code: 7, ms: 600 },
  },
]
