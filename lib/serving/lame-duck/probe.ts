import type { IncomingMessage } from 'node:http'

/** A request, as far as it tells a probe: of HTTP/2 too. */
export type ArrivedRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers'>

/** Who asks whether we live, and counts as no client. */
const PROBES = /^(kube-probe|Prometheus|GoogleHC|ELB-HealthChecker)\//

export interface ProbeKnowledge {
  /** Of the app. */
  readonly isProbe: ((request: ArrivedRequest) => boolean) | undefined
  /** A path that we answer ourselves. */
  readonly isOurs: (url: string) => boolean
}

/** Routing sends these for as long as the pod lives: they must not keep it. */
export function isProbe(request: ArrivedRequest, { isProbe: ask, isOurs }: ProbeKnowledge): boolean {
  if (PROBES.test(String(request.headers['user-agent'] ?? '')) || isOurs(request.url ?? '')) return true
  try {
    return ask?.(request) === true
  } catch {
    // Of a client, until somebody says otherwise: it only makes the end later.
    return false
  }
}
