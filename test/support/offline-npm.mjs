#!/usr/local/bin/node
// Stands for npm in an image without a network: installs what package.json names, from /opt/node_modules, and the files
// beside it. The packages are those that `npm ci` has put on this machine.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

const manifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

function unpack(file, name) {
  const folder = join('node_modules', name)
  mkdirSync(folder, { recursive: true })
  const { status, stderr } = spawnSync('tar', ['-xzf', file, '-C', folder, '--strip-components=1'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${file}: ${stderr}`)
  return folder
}

function install(name, wanted) {
  const folder = join('node_modules', name)
  if (existsSync(folder)) return
  const [, file] = /^file:(.*)$/.exec(wanted) ?? []
  if (file) unpack(file, name)
  else cpSync(join('/opt/node_modules', name), folder, { recursive: true })
  const { dependencies = {}, bin = {} } = manifest(folder)
  for (const [command, path] of Object.entries(typeof bin === 'string' ? { [name]: bin } : bin)) {
    mkdirSync('node_modules/.bin', { recursive: true })
    symlinkSync(join('..', name, path), join('node_modules/.bin', command))
    chmodSync(join(folder, path), 0o755)
  }
  for (const [dependency, range] of Object.entries(dependencies)) {
    // Another version than everybody's stands below the package itself, and has come with it.
    if (!existsSync(join(folder, 'node_modules', dependency))) install(dependency, range)
  }
}

if (process.argv[2] !== 'install') throw new Error(`npm ${process.argv.slice(2).join(' ')}: only install is known here`)
for (const [name, wanted] of Object.entries(manifest('.').dependencies)) install(name, wanted)
