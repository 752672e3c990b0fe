// Follows the plan in LASTCALL_SOAK_PLAN, and notes in LASTCALL_SOAK_JOURNAL what really happens, as it happens.
import { pbkdf2Sync } from 'node:crypto'
import { appendFileSync, existsSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createShutdown } from 'lastcall'

const { LASTCALL_SOAK_PLAN, LASTCALL_SOAK_JOURNAL, LASTCALL_SOAK_REPORT } = process.env
const plan = JSON.parse(LASTCALL_SOAK_PLAN)
const note = (who, what) =>
  appendFileSync(LASTCALL_SOAK_JOURNAL, `${who} ${what} ${Number(process.hrtime.bigint()) / 1e6}\n`)

const follow = {
  waits: ({ ms }) => sleep(ms),
  hangs: () => new Promise(() => {}),
  throws: async ({ ms, name }) => {
    await sleep(ms)
    throw new Error(`${name} throws`)
  },
  blocks: ({ ms }) => {
    for (const end = performance.now() + ms; performance.now() < end; );
  },
  exits: async ({ ms, name }) => {
    await sleep(ms)
    note(name, 'exits')
    process.exit(0)
  },
  loop: () => {
    for (;;);
  },
  atomics: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  native: () => pbkdf2Sync('a', 'b', 2 ** 31 - 1, 64, 'sha512'),
}

if (plan.early !== null) {
  writeSync(1, 'up\n')
  // As PID 1 it lives on, and goes on when the signal has been sent.
  while (!existsSync(`${LASTCALL_SOAK_JOURNAL}.sent`)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
}
const shutdown = createShutdown({
  reportFile: LASTCALL_SOAK_REPORT,
  secondSignal: plan.secondSignal,
  ...(plan.as === 'library' && { terminationGracePeriodSeconds: plan.graceSeconds }),
})
shutdown.stopping.addEventListener('abort', () => note('app', 'begins'))
for (const hook of plan.hooks) {
  const { name, phase, timeoutMs } = hook
  const run = async ({ signal }) => {
    signal.addEventListener('abort', () => note(name, signal.reason.name === 'TimeoutError' ? 'cut' : 'forced'))
    note(name, 'starts')
    try {
      await follow[hook.does](hook)
    } catch (error) {
      note(name, 'throws')
      throw error
    }
    note(name, 'returns')
  }
  shutdown.hook(name, run, { phase, timeoutMs })
}
for (const ms of plan.jobs) {
  const job = async (signal) => {
    await new Promise((begun) => shutdown.stopping.addEventListener('abort', begun))
    await (ms === null ? new Promise(() => {}) : sleep(ms, undefined, { signal }))
  }
  shutdown.track(job).catch(() => {})
}
for (const { name, does, ms, stopTimeoutMs, ends, restart, significant } of plan.children) {
  const file = fileURLToPath(new URL('child.pl', import.meta.url))
  const command = ['perl', file, name, LASTCALL_SOAK_JOURNAL, does, String(ms)]
  if (ends) command.push(String(ends.afterMs), String(ends.code))
  shutdown.supervise(name, command, { restart, significant, output: 'ignore', stopTimeoutMs })
}
if (plan.exitCode !== null) process.exitCode = plan.exitCode
if (plan.begins === 'call') setTimeout(() => shutdown.begin('as planned'), plan.beginMs)
if (plan.begins === 'error') setTimeout(() => Promise.reject(new Error('as planned')), plan.beginMs)
setInterval(() => {}, 1_000)
note('app', 'created')
writeSync(1, 'created\n')
await sleep(plan.startMs, undefined, { signal: shutdown.stopping }).catch(() => {})
shutdown.ready()
