/**
 * How many SYN cookies the kernel has sent in this network namespace: handshakes of which it keeps nothing, so that no
 * table shows who is in the middle of one. Undefined where it does not tell.
 */
export function synCookiesSent(): number | undefined {
  try {
    const text = process.getBuiltinModule('node:fs').readFileSync('/proc/self/net/netstat', 'latin1')
    const [names = '', values = ''] = text.split('\n').filter((line) => line.startsWith('TcpExt: '))
    return Number(values.split(' ')[names.split(' ').indexOf('SyncookiesSent')])
  } catch {
    return undefined
  }
}
