import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { type App, startApp, startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { alive, commandLine, type Process, readProcess, tree } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const app = fileURLToPath(new URL('../apps/guarded.js', import.meta.url))
const warning = /^lastcall: no guard could be started/gm

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-guard-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

function guardIsThere({ pid }: App): Promise<unknown> {
  const guards = (): Process[] => tree(pid).filter((one) => commandLine(one.pid).startsWith('lastcall guard'))
  return until('the guard is there', guards, (found) => found.length === 1)
}

async function childOf(running: App, name: string): Promise<Process> {
  const said = await running.says(new RegExp(`^${name} \\d+$`, 'm'))
  return readProcess(Number(said.split(' ')[1])) as Process
}

async function nobodyOutlives(running: App, child: Process): Promise<void> {
  running.kill('SIGKILL')
  await running.exited
  await until(
    'the child is gone',
    () => alive(child),
    (lives) => !lives,
  )
}

test('where execPath is no node but the service itself, five tries are made and told of once, and no sixth', async (t) => {
  const folder = folderOf(t)
  const starts = join(folder, 'starts')
  const execPath = join(folder, 'service')
  writeFileSync(execPath, `#!/bin/sh\necho start >> ${starts}\nexec ${process.execPath} ${app} '{}'\n`, {
    mode: 0o755,
  })
  const service = await startProgram(t, [process.execPath, app, JSON.stringify({ execPath })])
  await service.says(warning)
  const tries = readFileSync(starts, 'utf8')
  service.kill('SIGUSR2')
  const second = await childOf(service, 'second')
  assert.equal(tries, 'start\n'.repeat(5))
  // The next child is one that the kernel kills, as with `guard: false`.
  if (!can.program('setpriv')) await nobodyOutlives(service, second)
  else service.kill()
  const { stderr } = await service.exited
  assert.is(stderr.match(warning)?.length, 1)
  assert.is(readFileSync(starts, 'utf8'), tries)
})

test('a guard that somebody kills again and again, as soon as it is there, is told of, and never given up', async (t) => {
  const service = await startApp(t, 'guarded', { args: ['{}'] })
  const first = await childOf(service, 'first')
  const others = (): Process[] =>
    tree(service.pid).filter((one) => alive(one) && one.pid !== service.pid && one.pid !== first.pid)
  for (let round = 0; round < 5; round++) {
    const [guard] = await until('a guard starts', others, (found) => found.length === 1)
    process.kill(guard?.pid ?? 0, 'SIGKILL')
    await until(
      'it has gone',
      () => alive(guard as Process),
      (lives) => !lives,
    )
  }
  await service.says(warning)
  await guardIsThere(service)
  await nobodyOutlives(service, first)
})

for (const free of [5, 6, 7]) {
  test(`with ${free} free descriptors the service lives on, and has its guard when there are more`, async (t) => {
    const node = ['sh', '-c', 'ulimit -n 60; exec "$0" "$@"', process.execPath]
    const service = await startProgram(t, [...node, app, JSON.stringify({ free })])
    const first = await childOf(service, 'first')
    service.kill('SIGUSR2')
    await guardIsThere(service)
    await nobodyOutlives(service, first)
  })
}

test(
  'the guard starts also when the file of the running node was removed',
  async (t) => {
    const node = join(folderOf(t), 'node')
    copyFileSync(process.execPath, node)
    const service = await startApp(t, 'guarded', { node, args: ['{"unlink":true}'] })
    const first = await childOf(service, 'first')
    await guardIsThere(service)
    await nobodyOutlives(service, first)
  },
  { skip: can.linux() },
)
