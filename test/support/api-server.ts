import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apiCertificate } from './api-certificate.ts'
import type { TestContext } from './suite.ts'

export interface ApiServer {
  /** What the kubelet would set in the container. */
  readonly env: Readonly<Record<string, string>>
  /** The folder of the service account. */
  readonly serviceAccount: string
  /** Every request, in its order: `GET /api/v1/…`, with the token that it brought. */
  readonly requests: { readonly line: string; readonly token: string; readonly body: string }[]
}

export type Answers = (line: string, response: ServerResponse, request: IncomingMessage) => void

/** An HTTPS server with a CA of its own that speaks like the API server, and a service account to ask it with. */
export async function startApiServer(t: TestContext, answers: Answers, host = '127.0.0.1'): Promise<ApiServer> {
  const serviceAccount = mkdtempSync(join(tmpdir(), 'lastcall-account-'))
  t.after(() => rmSync(serviceAccount, { recursive: true, force: true }))
  mkdirSync(serviceAccount, { recursive: true })
  const files = { token: 'first-token\n', namespace: 'shop', 'ca.crt': apiCertificate.ca }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(serviceAccount, name), text)
  const requests: ApiServer['requests'] = []
  const server = createServer({ key: apiCertificate.key, cert: apiCertificate.cert }, async (request, response) => {
    let body = ''
    for await (const part of request.setEncoding('utf8')) body += part
    const line = `${request.method} ${request.url}`
    requests.push({ line, token: request.headers.authorization ?? '', body })
    answers(line, response, request)
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    serviceAccount,
    requests,
    env: {
      KUBERNETES_SERVICE_HOST: host,
      KUBERNETES_SERVICE_PORT: String((server.address() as AddressInfo).port),
      POD_NAME: 'cart-7d4b9c-x2x7z',
    },
  }
}

export function say(response: ServerResponse, status: number, object: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(object))
}

/** What the API server answers in the place of an object. */
export function refusal(code: number, reason: string, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }
}

export interface PodState {
  /** Seconds from now until `deletionTimestamp`; without it nobody deletes the pod. */
  readonly dueInS?: number
  readonly deletionGracePeriodSeconds?: number
  readonly terminationGracePeriodSeconds?: number
  readonly uid?: string
  readonly createdAt?: string
  readonly container?: object
}

/** A core/v1 Pod, as far as anybody here reads it. */
export function pod(state: PodState = {}): object {
  const { dueInS, deletionGracePeriodSeconds = 30, terminationGracePeriodSeconds = 30, uid = 'uid-1' } = state
  const time = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
  return {
    ...{ kind: 'Pod', apiVersion: 'v1' },
    metadata: {
      ...{ name: 'cart-7d4b9c-x2x7z', namespace: 'shop', uid, resourceVersion: '4711' },
      creationTimestamp: state.createdAt ?? '2024-05-06T07:08:09Z',
      ...(dueInS !== undefined && { deletionTimestamp: time(Date.now() + dueInS * 1000), deletionGracePeriodSeconds }),
    },
    spec: { terminationGracePeriodSeconds, containers: [{ name: 'app', image: 'cart', ...state.container }] },
    status: { phase: 'Running' },
  }
}
