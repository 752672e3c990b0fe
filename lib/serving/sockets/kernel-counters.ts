/** Of https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html: every handshake is by a cookie, whatever the load. */
const ALWAYS = '2'

/**
 * How many SYN cookies the kernel has sent in this network namespace: handshakes of which it keeps nothing, so that no
 * table shows who is in the middle of one. Undefined where it does not tell, and where it sends them always: then they say
 * nothing of the load.
 */
export function synCookiesSent(): number | undefined {
  const { readFileSync } = process.getBuiltinModule('node:fs')
  try {
    if (readFileSync('/proc/sys/net/ipv4/tcp_syncookies', 'latin1').trim() === ALWAYS) return undefined
    const text = readFileSync('/proc/self/net/netstat', 'latin1')
    const [names = '', values = ''] = text.split('\n').filter((line) => line.startsWith('TcpExt: '))
    const sent = Number(values.split(' ')[names.split(' ').indexOf('SyncookiesSent')])
    return Number.isNaN(sent) ? undefined : sent
  } catch {
    return undefined
  }
}
