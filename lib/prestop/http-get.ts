import type { ClientRequest, IncomingMessage } from 'node:http'
import type { HookFunction } from '../hooks/hook.ts'
import { badOption, checkKeys, checkOneOf, show } from '../options.ts'

/** The options of `httpGet`; none has to be given. */
export interface HttpGetOptions {
  /**
   * Headers of the request, by name; a secret can go there.
   * @default none but accept and user-agent
   * @throws {LastcallError} ERR_LASTCALL_OPTION when one is no header
   */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * The method, for what is deregistered by another than GET.
   * @default 'GET'
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is none
   */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'
  /**
   * Whether the certificate of an `https:` address is checked. The kubelet checks none.
   * @default true
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly checkCertificate?: boolean
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH'] as const

/** As much of an answer as stands in an error. */
const SHOWN_BYTES = 200

/**
 * Asks an address, as `preStop.httpGet` of a pod does, and waits for the whole answer. Any status but 2xx is a failure,
 * which the report names; the kubelet looks at none. Redirects are not followed. At the hook's limit the request is given up.
 * @throws {LastcallError} ERR_LASTCALL_OPTION when it is no address of http or https
 * @example
 * import { createShutdown } from 'lastcall'
 * import { httpGet } from 'lastcall/prestop'
 *
 * createShutdown().preStop('leave', httpGet('http://127.0.0.1:8500/v1/agent/leave', { method: 'PUT' }))
 */
export function httpGet(url: string | URL, options: HttpGetOptions = {}): HookFunction {
  const address = checkAddress(url)
  checkKeys('httpGet', options, ['headers', 'method', 'checkCertificate'])
  const { headers = {}, method = 'GET', checkCertificate = true } = options
  checkOneOf('httpGet.method', method, METHODS)
  checkOneOf('httpGet.checkCertificate', checkCertificate, [true, false])
  checkHeaders(headers)
  return async ({ signal }) => {
    // Loaded now: a shutdown alone needs it, and most have it already.
    const { request } = process.getBuiltinModule(address.protocol === 'https:' ? 'node:https' : 'node:http')
    const asked = request(address, {
      ...{ method, signal, rejectUnauthorized: checkCertificate },
      // A connection of its own, which ends with the answer: nobody asks again.
      agent: false,
      headers: { accept: '*/*', 'user-agent': 'lastcall', ...headers },
    })
    const { status, text } = await answerOf(asked)
    if (status >= 200 && status < 300) return
    const why = text === '' ? '' : `: ${text}`
    throw new Error(`${method} ${withoutSecrets(address)} answered ${status}${why}`)
  }
}

function checkAddress(url: unknown): URL {
  const address = typeof url === 'string' && URL.canParse(url) ? new URL(url) : url
  if (address instanceof URL && /^https?:$/.test(address.protocol)) return address
  throw badOption('httpGet', 'an address of http or https', url, "Write httpGet('http://127.0.0.1:8080/leave').")
}

function checkHeaders(headers: unknown): void {
  checkKeys('httpGet.headers', headers, Object.keys(Object(headers)))
  const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http')
  for (const [name, value] of Object.entries(headers as Record<string, unknown>)) {
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value as string)
    } catch {
      throw badOption(`httpGet.headers`, 'names and values of headers', name, `Look at ${show(name)}: ${show(value)}.`)
    }
  }
}

function answerOf(asked: ClientRequest): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    asked.once('error', reject)
    asked.once('upgrade', ({ statusCode = 101 }, socket) => {
      socket.destroy()
      resolve({ status: statusCode, text: '' })
    })
    asked.once('response', (answer: IncomingMessage) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (piece: string) => {
        if (text.length < SHOWN_BYTES) text = (text + piece).slice(0, SHOWN_BYTES)
      })
      answer.once('error', reject)
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text: text.trim().split('\n', 1)[0] ?? '' }))
    })
    asked.end()
  })
}

/** A report is read by many. */
function withoutSecrets({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`
}
