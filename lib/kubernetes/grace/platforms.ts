import { fstatSync } from 'node:fs'

/** A platform that names itself in the environment, and how long it waits before SIGKILL where nobody said otherwise. */
interface Platform {
  readonly name: string
  readonly seconds: number
}

/** The nearest one: PM2 may run within a container of another, and it is PM2 that kills then. */
export function platform(env: NodeJS.ProcessEnv = process.env): Platform | undefined {
  if (isSet(env.pm_id) && isSet(env.PM2_HOME)) return { name: 'PM2', seconds: pm2Seconds(env.kill_timeout) }
  // In a pod the kubelet decides, whatever else shows in the environment: that is the default.
  if (isSet(env.KUBERNETES_SERVICE_HOST)) return undefined
  // https://cloud.google.com/blog/topics/developers-practitioners/graceful-shutdowns-cloud-run-deep-dive
  if (isSet(env.K_SERVICE)) return { name: 'Cloud Run', seconds: 10 }
  // `stopTimeout` of the container: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
  if (isSet(env.ECS_CONTAINER_METADATA_URI_V4)) return { name: 'ECS', seconds: 30 }
  // https://devcenter.heroku.com/articles/dyno-shutdown-behavior
  if (isSet(env.DYNO)) return { name: 'Heroku', seconds: 30 }
  // TimeoutStopSec: https://www.freedesktop.org/software/systemd/man/latest/systemd-system.conf.html
  if (isService(env)) return { name: 'systemd', seconds: 90 }
  return undefined
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== ''
}

/**
 * PM2 passes an app's own settings on in its environment; `kill_timeout` is in milliseconds, and may be under a second.
 * @see https://github.com/Unitech/pm2/blob/master/constants.js KILL_TIMEOUT
 */
function pm2Seconds(killTimeout: string | undefined): number {
  const ms = Number(killTimeout)
  return ms > 0 && Number.isFinite(ms) ? ms / 1_000 : 1.6
}

/**
 * INVOCATION_ID alone proves nothing: whatever a desktop or a service starts inherits it. So it must be the service's own
 * process, or be told where to notify, or have its output still go to the journal.
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Environment%20Variables%20Set%20or%20Propagated%20by%20the%20Service%20Manager
 */
function isService(env: NodeJS.ProcessEnv): boolean {
  if (!isSet(env.INVOCATION_ID)) return false
  return env.SYSTEMD_EXEC_PID === String(process.pid) || isSet(env.NOTIFY_SOCKET) || isJournal(env.JOURNAL_STREAM)
}

/** JOURNAL_STREAM is device and inode of what was stdout or stderr at the start of the service. */
function isJournal(stream: string | undefined): boolean {
  return isSet(stream) && [1, 2].some((fd) => placeOf(fd) === stream)
}

function placeOf(fd: number): string | undefined {
  try {
    const { dev, ino } = fstatSync(fd)
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}
