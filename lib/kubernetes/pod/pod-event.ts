import type { InCluster } from './in-cluster.ts'

/** How a pod's process ended, in words for people. */
export interface PodEnd {
  readonly isClean: boolean
  readonly message: string
  /** Of the pod: without it `kubectl describe pod` does not show the event. */
  readonly uid: string
  readonly now: Date
}

/** What the API server takes of a message, in bytes. */
export const MESSAGE_BYTES = 1_024

/**
 * A core/v1 Event, as the kubelet writes its own: those are what `kubectl describe pod` lists.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 */
export function podEvent({ namespace, name, container }: InCluster, { isClean, message, uid, now }: PodEnd) {
  // RFC 3339 in whole seconds: what the API's type Time takes.
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z')
  return {
    ...{ apiVersion: 'v1', kind: 'Event' },
    metadata: { namespace, generateName: `${name}.` },
    involvedObject: {
      ...{ apiVersion: 'v1', kind: 'Pod', namespace, name, uid },
      ...(container !== undefined && { fieldPath: `spec.containers{${container}}` }),
    },
    ...{ type: isClean ? 'Normal' : 'Warning', reason: isClean ? 'ShutdownClean' : 'ShutdownUnclean', message },
    ...{ firstTimestamp: time, lastTimestamp: time, count: 1 },
    source: { component: 'lastcall' },
    ...{ reportingComponent: 'lastcall', reportingInstance: name.slice(0, 128) },
  }
}
