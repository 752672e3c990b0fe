import { isAbsolute } from 'node:path'
import { badOption, checkKeys, checkOneOf } from '../../options.ts'

/** What is done with our own pod, besides asking for it once when the shutdown begins. */
export interface PodOptions {
  /**
   * Whether the pod is watched while the shutdown runs, so that a second, shorter `kubectl delete` moves the deadline.
   * Needs the verb `watch`; `report.pod.watch` tells how that went.
   * @default false
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly watch?: boolean
  /**
   * Whether an event on the pod says how it ended, for `kubectl describe pod` and `kubectl get events`: it is written at
   * the end of `flush`, within the deadline. Needs the verb `create` for `events`; `report.pod.event` tells how that went.
   * @default false
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly event?: boolean
  /**
   * The folder of the service account: the files `token`, `ca.crt` and `namespace`. The token is read for each request.
   * @default '/var/run/secrets/kubernetes.io/serviceaccount'
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is no absolute path
   */
  readonly serviceAccount?: string
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/** @internal Undefined: the pod is left alone. */
export function checkPod(pod: unknown = false): Required<PodOptions> | undefined {
  if (pod === false) return undefined
  if (pod !== true && (pod === null || typeof pod !== 'object')) {
    throw badOption('pod', 'true, false or { watch, event, serviceAccount }', pod, 'Write pod: true.')
  }
  const given: PodOptions = pod === true ? {} : pod
  checkKeys('pod', given, ['watch', 'event', 'serviceAccount'])
  const { watch = false, event = false, serviceAccount = SERVICE_ACCOUNT } = given
  checkOneOf('pod.watch', watch, [true, false])
  checkOneOf('pod.event', event, [true, false])
  if (typeof serviceAccount !== 'string' || !isAbsolute(serviceAccount)) {
    throw badOption('pod.serviceAccount', 'an absolute path', serviceAccount, `Write '${SERVICE_ACCOUNT}'.`)
  }
  return { watch, event, serviceAccount }
}
