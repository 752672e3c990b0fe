import { debugLog } from '../debug-log.ts'
import { type Answer, send } from './answer.ts'
import type { ProbeKind, ProbePlan } from './check-probe-options.ts'
import type { PreStop } from './prestop.ts'
import type { ProbeHandler, ProbeRequest, ProbeResponse } from './probe-options.ts'
import type { Readiness } from './readiness.ts'

const debug = debugLog('probes')

/** Whom the probes ask. */
export interface Asked {
  readonly readiness: Readiness
  readonly preStop: PreStop
}

/** `isOpen`: where no secret was given anywhere `/prestop` needs none, since the port is the cluster's own. */
export function probeHandler({ paths }: ProbePlan, isOpen: boolean, asked: Asked): ProbeHandler {
  return (request, response, next) => {
    const kind = paths.get(pathOf(request.url))
    if (!kind) {
      next?.()
      return false
    }
    const left = new AbortController()
    response.on('close', () => left.abort())
    const answer =
      kind === 'prestop' ? asked.preStop.answer(request, isOpen, left.signal) : answerTo(kind, request, asked)
    answer
      .then((one) => (left.signal.aborted ? undefined : send(request, response, one)))
      // HTTP/2 throws where the client has just left.
      .catch((error) => debug('%s was not answered: %o', request.url, error))
    return true
  }
}

export function pathOf(url = ''): string {
  const end = url.search(/[?#]/)
  return end < 0 ? url : url.slice(0, end)
}

async function answerTo(
  kind: Exclude<ProbeKind, 'prestop'>,
  { method }: ProbeRequest,
  { readiness }: Asked,
): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, says: 'GET or HEAD', headers: { Allow: 'GET, HEAD' } }
  // To its end: a liveness that fails would have the container restarted in the middle of its stop.
  if (kind === 'livez') return { status: 200, says: 'alive', stopping: readiness.stopping }
  if (kind === 'startupz') {
    return readiness.isStarted
      ? { status: 200, says: 'started', stopping: readiness.stopping }
      : { status: 503, says: 'not started', stopping: readiness.stopping, waitsFor: ['ready() to be called'] }
  }
  const { ready, waitsFor } = await readiness.answer()
  return { status: ready ? 200 : 503, says: ready ? 'ready' : 'not ready', stopping: readiness.stopping, waitsFor }
}

/** For a server of its own: what is no probe is not there. */
export function notFound(request: ProbeRequest, response: ProbeResponse, { paths }: ProbePlan): void {
  send(request, response, { status: 404, says: `not found: ${[...paths.keys()].join(' ')}` })
}
