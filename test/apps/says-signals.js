// Says each signal it gets; one that asks to stop ends it after 300 ms of cleanup, with the code it was given.
import { appendFileSync } from 'node:fs'

const [, , code = '0', keeps = ''] = process.argv
// Before our own listeners: Node's reads the new window size, and has to come first.
const { isTTY } = process.stdout
const say = (text) => appendFileSync(process.env.SAYS_TO ?? 1, `${text}\n`)
const stops = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP']
for (const signal of [...stops, 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGTTIN']) {
  process.on(signal, () => {
    say(`got ${signal}${signal === 'SIGWINCH' && isTTY ? ` ${process.stdout.columns}` : ''}`)
    if (stops.includes(signal) && !keeps.includes(signal)) setTimeout(() => process.exit(code), 300, say('cleaning up'))
  })
}
process.on('exit', () => say('cleaned up'))
setInterval(() => {}, 1000)
say(`ready ${process.pid}, ${process.env.TERMINATION_GRACE_PERIOD_SECONDS} s`)
