import { readFileSync, statSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { PeerCertificate } from 'node:tls'
import type { InCluster } from './in-cluster.ts'

/** One request to the API server. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
  /** Ends it, and its connection. */
  readonly signal: AbortSignal
}

/** An own pod is some kilobytes; etcd takes no object above 1.5 MiB. */
const MOST_BYTES = 4 * 2 ** 20

/**
 * Sends it, and resolves with the head of the answer. The token is read now, since the kubelet replaces it (a bound token
 * lives for an hour). A connection of its own: neither the app's agents nor a proxy from the environment come between.
 */
export function send(cluster: InCluster, { method, path, body, signal }: ApiRequest): Promise<IncomingMessage> {
  const { Agent, request } = process.getBuiltinModule('node:https')
  const token = credential(cluster, 'token')
  const ca = credential(cluster, 'ca.crt')
  return new Promise((resolve, reject) => {
    const call = request({
      ...{ host: cluster.host, port: cluster.port, method, path, signal, ca, checkServerIdentity },
      agent: new Agent({ keepAlive: false, maxCachedSessions: 0 }),
      // Whatever NODE_TLS_REJECT_UNAUTHORIZED says to the rest of the app: this one sends a secret.
      rejectUnauthorized: true,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token.trim()}`,
        'user-agent': 'lastcall',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
    })
    // A shutdown holds the event loop by itself, and its report names whoever else does.
    call.on('socket', (socket) => socket.unref())
    call.on('response', resolve)
    call.on('error', reject)
    call.end(body)
  })
}

function credential({ serviceAccount }: InCluster, file: string): string {
  try {
    const path = join(serviceAccount, file)
    // A pipe would hold up all of the shutdown.
    if (!statSync(path).isFile()) throw new Error(`${path} is no file`)
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`the service account cannot be read: ${(error as Error).message}`)
  }
}

/** The whole answer as text. */
export async function readAll(answer: IncomingMessage): Promise<string> {
  let text = ''
  answer.setEncoding('utf8')
  for await (const part of answer) {
    text += part
    if (text.length > MOST_BYTES) throw new Error(`the answer is longer than ${MOST_BYTES} bytes`)
  }
  return text
}

/**
 * Node compares an IPv6 address with what the certificate says as text, and some of its releases find no `::1` in it.
 * OpenSSL compares the bytes; whatever it does not find there, Node's own check decides.
 */
function checkServerIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  const { X509Certificate } = process.getBuiltinModule('node:crypto')
  const isIp = process.getBuiltinModule('node:net').isIP(host) !== 0
  if (isIp && new X509Certificate(certificate.raw).checkIP(host) !== undefined) return undefined
  return process.getBuiltinModule('node:tls').checkServerIdentity(host, certificate)
}
