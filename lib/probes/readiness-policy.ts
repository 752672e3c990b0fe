import type { Reason } from '../hooks/reason.ts'

/** What `/readyz` says while stopping. */
export type ReadinessPolicy = 'auto' | 'fail' | 'keep'

/** What the policy looks at. */
export interface StoppingFacts {
  readonly policy: ReadinessPolicy
  readonly reason: Reason
  /** In a cluster, `KUBERNETES_SERVICE_HOST` is set. */
  readonly inCluster: boolean
  /** What the pod's own object says; undefined where it was not asked, or has not answered. */
  readonly deleted: boolean | undefined
  /** Drain is over: nobody is served any more. */
  readonly cutoff: boolean
}

/**
 * Whether readiness stays as it was. A pod that is being deleted is out of the endpoints by that alone; to fail as well
 * takes the last one away from kube-proxy, which would still have used it (KEP-1669), and had older Ciliums cut what was
 * in flight (cilium/cilium#40969). Where nothing deletes the pod, to fail is the only announcement.
 */
export function staysReady({ policy, reason, inCluster, deleted, cutoff }: StoppingFacts): boolean {
  if (policy !== 'auto') return policy === 'keep'
  if (cutoff) return false
  // In a cluster only the kubelet signals a service. It is any signal: an image may choose its own by STOPSIGNAL.
  return deleted ?? (inCluster && (reason.kind === 'signal' || reason.kind === 'prestop'))
}
