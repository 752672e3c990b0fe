import type { Children } from '../children/children.ts'
import { monotonicNow } from '../clock/deadline.ts'
import type { HookList } from '../hooks/hook-list.ts'
import { Probes } from '../probes/probes.ts'
import type { Servers } from '../serving/servers.ts'
import type { CheckedOptions } from '../shutdown/options/check-options.ts'
import type { ShutdownStory } from '../shutdown/shutdown.ts'
import type { Shutdown } from '../shutdown-handle.ts'
import type { Consumers } from '../work/consumer.ts'

export interface JoinedProbesSetup {
  readonly options: CheckedOptions
  readonly story: ShutdownStory
  readonly cutoff: AbortSignal
  readonly hooks: HookList
  readonly servers: Servers
  readonly children: Children
  readonly consumers: Consumers
  /** What the pod's own object says; undefined where it is not known. */
  readonly deleted: () => boolean | undefined
  /** Throws where nothing can be registered any more. */
  readonly refuse: (what: string) => void
}

export interface JoinedProbes {
  readonly probes: Probes
  readonly methods: Pick<Shutdown, 'probes' | 'probeServer' | 'check' | 'notReady' | 'ready'>
}

/** The probes of this shutdown, and the methods of it that are theirs. */
export function joinProbes({
  options,
  story,
  cutoff,
  hooks,
  servers,
  children,
  consumers,
  deleted,
  refuse,
}: JoinedProbesSetup): JoinedProbes {
  const probes = new Probes({
    ...{ policy: options.readiness, cutoff, deleted, refuse, now: monotonicNow },
    // Empty, as it is set to nothing, it is none: so it is everywhere else.
    inCluster: Boolean(process.env.KUBERNETES_SERVICE_HOST),
    reason: () => story.reason,
    listens: () => servers.listens(),
    others: () => [...childrenNotReady(children), ...consumers.notReady().map((name) => `consumer ${name}: not ready`)],
    preStop: { begin: () => void story.begin({ kind: 'prestop' }), over: story.preStopOver.signal },
  })
  story.stopping.signal.addEventListener('abort', () => probes.stopping(), { once: true })
  return {
    probes,
    methods: {
      probes: (options) => probes.handler(options),
      probeServer: (options) => probes.server(options),
      check: (name, run, options) => probes.check(name, run, options),
      notReady: (reason) => probes.notReady(reason),
      ready: () => {
        hooks.complete()
        probes.ready()
      },
    },
  }
}

/** One that ended for good is no reason: the app was told, or the policy said so, and it may live on without. */
function childrenNotReady(children: Children): string[] {
  return children
    .states()
    .filter(({ state }) => ['starting', 'waiting', 'stopping'].includes(state))
    .map(({ name, state }) => `child ${name}: ${state}`)
}
