import { type IncomingHttpHeaders, request } from 'node:http'
import { request as secureRequest } from 'node:https'

export interface Asked {
  readonly status: number
  readonly body: string
  readonly headers: IncomingHttpHeaders
}

export interface AskOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** One request on a connection of its own, as the kubelet asks: no certificate is checked. */
export function ask(url: string, { method = 'GET', headers, body }: AskOptions = {}): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: headers ?? {}, agent: false as const }
    const isSecure = url.startsWith('https:')
    const asked = isSecure ? secureRequest(url, { ...options, rejectUnauthorized: false }) : request(url, options)
    asked.once('error', reject)
    asked.once('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      response.once('error', reject)
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }))
    })
    asked.end(body)
  })
}
