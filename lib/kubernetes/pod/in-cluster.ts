import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** Where the API server is, and who we are to it. */
export interface InCluster {
  /** A name or an address; of IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly serviceAccount: string
  readonly namespace: string
  readonly name: string
  /** False where the host name was taken for it: under `hostNetwork` that is the node's. */
  readonly isNameGiven: boolean
  readonly uid: string | undefined
  readonly container: string | undefined
}

/**
 * What the kubelet tells every container. @see https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 * The rest is by `fieldRef`, where the manifest does it. Returns in words why not.
 */
export function inCluster(serviceAccount: string, env: NodeJS.ProcessEnv = process.env): InCluster | string {
  const { KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, POD_NAME, POD_NAMESPACE, POD_UID, CONTAINER_NAME } = env
  if (!KUBERNETES_SERVICE_HOST)
    return 'this is no cluster: KUBERNETES_SERVICE_HOST is not set. Leave out the option pod'
  const port = Number(KUBERNETES_SERVICE_PORT || 443)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return `KUBERNETES_SERVICE_PORT is no port: ${KUBERNETES_SERVICE_PORT}`
  }
  let namespace = POD_NAMESPACE
  try {
    namespace ||= readFileSync(join(serviceAccount, 'namespace'), 'utf8').trim()
  } catch (error) {
    return `no service account is mounted (${(error as Error).message}). Set automountServiceAccountToken: true and give it a Role, or leave out the option pod`
  }
  return {
    host: KUBERNETES_SERVICE_HOST.replace(/^\[(.*)\]$/, '$1'),
    port,
    serviceAccount,
    namespace,
    name: POD_NAME || hostname(),
    isNameGiven: Boolean(POD_NAME),
    uid: POD_UID || undefined,
    container: CONTAINER_NAME || undefined,
  }
}
