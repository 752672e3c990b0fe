import type { Tree } from '../tree.ts'

const late = 'launcher; the server late'
const two = { ready: ['a ready', 'b ready'], cleaned: ['a', 'b'] }

/** A Node program that starts others: node always catches SIGTERM, so it looks like one that handles it. */
export const nodeParents: Tree[] = [
  {
    name: 'node launcher that passes it on',
    told: 'launcher, which tells the server',
    command: ['node', 'launcher.js'],
    files: {
      'launcher.js': `import { spawn } from 'node:child_process'
const child = spawn('node', ['server.js', 'a', '500', '7'], { stdio: 'inherit' })
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code) => process.exit(code))`,
    },
    expect: { code: 7, ms: 545 },
  },
  {
    name: 'node launcher without a handler',
    told: 'launcher, which dies of it; then the server, left without a parent',
    command: ['node', 'launcher.js'],
    files: {
      'launcher.js': `import { spawn } from 'node:child_process'
spawn('node', ['server.js', 'a'], { stdio: 'inherit' })`,
    },
    expect: { code: 143, ms: 560 },
  },
  {
    name: 'node launcher that swallows it',
    told: late,
    command: ['node', 'launcher.js'],
    files: {
      'launcher.js': `import { spawn } from 'node:child_process'
process.on('SIGTERM', () => console.log('thank you'))
spawn('node', ['server.js', 'a', '500', '7'], { stdio: 'inherit' }).on('exit', (code) => process.exit(code))`,
    },
    expect: { code: 7, ms: 4284 },
  },
  {
    name: 'node launcher that swallows it, --step-over launcher',
    told: 'server; the launcher is named as one that only starts',
    command: ['node', 'launcher.js'],
    options: ['--step-over', 'launcher'],
    files: {
      'launcher.js': `import { spawn } from 'node:child_process'
process.on('SIGTERM', () => console.log('thank you'))
spawn('node', ['server.js', 'a', '500', '7'], { stdio: 'inherit' }).on('exit', (code) => process.exit(code))`,
    },
    expect: { code: 7, ms: 545 },
  },
  {
    name: 'node launcher, exec() and kill() of the shell alone',
    told: late,
    command: ['node', 'launcher.js'],
    files: {
      'launcher.js': `import { exec } from 'node:child_process'
const child = exec('node server.js a; true')
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('close', () => process.exit(3))`,
    },
    expect: { code: 3, ms: 4284 },
  },
  {
    name: 'node, fork() → fork() → server, each passes it on',
    told: 'the first, which tells the next',
    command: ['node', 'chain.js', '2'],
    files: {
      'chain.js': `import { fork } from 'node:child_process'
const depth = Number(process.argv[2])
const child = depth > 0 ? fork('chain.js', [depth - 1]) : fork('server.js', ['a', '500', '7'])
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code) => process.exit(code))`,
    },
    expect: { code: 7, ms: 560 },
  },
  {
    name: 'node, fork() → fork() → server, nobody passes it on',
    told: 'one after the other, as each is left without a parent',
    command: ['node', 'chain.js', '2'],
    files: {
      'chain.js': `import { fork } from 'node:child_process'
const depth = Number(process.argv[2])
depth > 0 ? fork('chain.js', [depth - 1]) : fork('server.js', ['a'])`,
    },
    expect: { code: 143, ms: 700 },
  },
  {
    name: 'cluster, stops its workers in order',
    told: 'primary, which stops the workers in order',
    command: ['node', 'cluster.js'],
    files: {
      'cluster.js': `import cluster from 'node:cluster'
import { once } from 'node:events'
if (cluster.isPrimary) {
  const workers = ['a', 'b'].map((name) => cluster.fork({ NAME: name }))
  process.on('SIGTERM', async () => {
    for (const worker of workers) {
      worker.process.kill('SIGTERM')
      await once(worker, 'exit')
    }
    process.exit(0)
  })
} else {
  process.argv.push(process.env.NAME, '300')
  await import('./server.js')
}`,
    },
    ready: two.ready,
    expect: { code: 0, cleaned: two.cleaned, order: ['a cleaned', 'b told'], ms: 627 },
  },
  {
    name: 'cluster without a handler',
    told: 'primary, which dies of it; the workers end when it disconnects',
    command: ['node', 'cluster.js'],
    files: {
      'cluster.js': `import cluster from 'node:cluster'
if (cluster.isPrimary) ['a', 'b'].map((name) => cluster.fork({ NAME: name }))
else {
  process.argv.push(process.env.NAME)
  await import('./server.js')
}`,
    },
    ready: two.ready,
    // Node's own doing: a worker whose primary is gone ends without cleanup.
    expect: { code: 143, cleaned: [], ms: 100 },
  },
]
