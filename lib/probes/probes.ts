import type { Now } from '../clock/deadline.ts'
import { checkProbeServer, checkProbes, type ProbePlan } from './check-probe-options.ts'
import { NamedChecks } from './named-checks.ts'
import { PreStop, type PreStopSetup } from './prestop.ts'
import { pathOf, probeHandler } from './probe-handler.ts'
import type { CheckOptions, ProbeHandler, ProbeServer, ProbeServerOptions, ProbesOptions } from './probe-options.ts'
import { openProbeServer } from './probe-server.ts'
import { Readiness, type ReadinessSetup } from './readiness.ts'

export interface ProbesSetup extends ReadinessSetup {
  readonly now: Now
  readonly preStop: PreStopSetup
  /** Whether a server of the app's listens. */
  readonly listens: () => boolean
  /** Throws where nothing can be registered any more. */
  readonly refuse: (what: string) => void
}

/** The probes of a shutdown: what platforms ask, and who answers. */
export class Probes {
  readonly #setup: ProbesSetup
  readonly #checks: NamedChecks
  readonly #readiness: Readiness
  readonly #preStop: PreStop
  readonly #servers: ProbeServer[] = []
  readonly #paths = new Set<string>()

  constructor(setup: ProbesSetup) {
    this.#setup = setup
    this.#checks = new NamedChecks(setup.now)
    this.#readiness = new Readiness(setup, this.#checks)
    this.#preStop = new PreStop(setup.preStop)
  }

  handler(options: ProbesOptions = {}): ProbeHandler {
    const plan = checkProbes('probes', options)
    this.#demand(plan, 'probes')
    return this.#handler(plan, false)
  }

  server(options: ProbeServerOptions): ProbeServer {
    const plan = checkProbeServer(options)
    this.#setup.refuse('a probe server cannot be opened')
    this.#demand(plan, 'probeServer')
    const server = openProbeServer(options, plan, this.#handler(plan, true))
    this.#servers.push(server)
    return server
  }

  check(name: unknown, run: unknown, options: CheckOptions = {}): () => void {
    this.#setup.refuse(`check "${name}" cannot be registered`)
    return this.#checks.add(name, run, options)
  }

  ready(): void {
    this.#readiness.ready()
  }

  notReady(reason: unknown): void {
    this.#readiness.notReady(reason)
  }

  /** Whether this process was ready once, so that others may have been sent here. Who has probes says so itself. */
  isReady(): boolean {
    return this.#readiness.isStarted || (this.#paths.size === 0 && this.#setup.listens())
  }

  /** Whether a request is a probe of ours, and no traffic. */
  readonly paths = { has: (url: string | undefined): boolean => this.#paths.has(pathOf(url)) }

  /** The shutdown begins. */
  stopping(): void {
    this.#checks.hold()
  }

  dispose(): void {
    this.#preStop.end()
    for (const server of this.#servers.splice(0)) server.close()
  }

  #demand({ secret }: ProbePlan, where: string): void {
    if (secret !== undefined) this.#preStop.demand(secret, where)
  }

  #handler(plan: ProbePlan, isOpen: boolean): ProbeHandler {
    for (const path of plan.paths.keys()) this.#paths.add(path)
    return probeHandler(plan, isOpen, { readiness: this.#readiness, preStop: this.#preStop })
  }
}
