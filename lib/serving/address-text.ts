import type { AddressInfo } from 'node:net'

/** `127.0.0.1:8080`, `[::1]:8080`, a path; null where nothing listens. */
export function addressText(address: AddressInfo | string | null): string | null {
  if (address === null || typeof address === 'string') return address
  return `${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
}
