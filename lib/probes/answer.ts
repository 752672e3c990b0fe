import type { ProbeRequest, ProbeResponse } from './probe-options.ts'

/** What a probe is told. */
export interface Answer {
  readonly status: number
  /** `ready`, `not ready`, `alive`: the first line. */
  readonly says: string
  /** What began the shutdown, in words. */
  readonly stopping?: string | undefined
  readonly waitsFor?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

/** Writes it as lines, or as JSON for who asks for that. A client that has left is nobody's fault. */
export function send(request: ProbeRequest, response: ProbeResponse, answer: Answer): void {
  if (response.headersSent) return
  const asJson = String(request.headers.accept ?? '').includes('application/json')
  const body = asJson ? jsonOf(answer) : textOf(answer)
  response.statusCode = answer.status
  response.setHeader('Content-Type', asJson ? 'application/json' : 'text/plain; charset=utf-8')
  response.setHeader('Content-Length', Buffer.byteLength(body))
  // A cache on the way would keep a pod ready that is not.
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('X-Content-Type-Options', 'nosniff')
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  if (request.method === 'HEAD') response.end()
  else response.end(body)
}

function textOf({ says, stopping, waitsFor = [] }: Answer): string {
  return `${[says, ...(stopping ? [`stopping: ${stopping}`] : []), ...waitsFor.map((what) => `waits for ${what}`)].join('\n')}\n`
}

function jsonOf({ says, stopping, waitsFor = [] }: Answer): string {
  return `${JSON.stringify({ status: says, stopping: stopping ?? null, waitsFor })}\n`
}
