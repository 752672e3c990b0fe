import type { Grace } from './cascade.ts'

/**
 * What the kubelet leaves after a preStop hook, however long that took.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kuberuntime/kuberuntime_container.go minimumGracePeriodInSeconds
 */
const LEFT_SECONDS = 2

/** What is left of a grace period when the signal comes: the pod's own preStop hook ran before it, on the same clock. */
export function afterPreStop(grace: Grace): Grace {
  const { seconds, preStopSeconds = 0 } = grace
  return { ...grace, seconds: Math.max(Math.min(LEFT_SECONDS, seconds), seconds - preStopSeconds) }
}
