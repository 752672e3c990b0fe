import type { AddressInfo } from 'node:net'

/** The address by which a process reaches its own listener. One of IPv6 takes IPv4, too, which may be all that there is. */
export function ownAddress({ address, family }: AddressInfo): string {
  if (address === '0.0.0.0') return '127.0.0.1'
  if (address !== '::' || family !== 'IPv6') return address
  return hasIPv6() ? '::1' : '127.0.0.1'
}

function hasIPv6(): boolean {
  try {
    const interfaces = Object.values(process.getBuiltinModule('node:os').networkInterfaces()).flat()
    return interfaces.some((one) => one?.address === '::1')
  } catch {
    // It takes a descriptor to know, and none may be left.
    return false
  }
}
