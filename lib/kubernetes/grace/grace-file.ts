import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { badOption, show } from '../../options.ts'
import { RULE, readSeconds } from './seconds.ts'

/** The name of the annotation, whatever stands before its `/`. */
const ANNOTATION = 'termination-grace-period-seconds'

/** More than all annotations of a pod may be together. */
const MOST_BYTES = 300_000

/** A path, since the file itself may be absent: on a laptop there is no downward API. */
export function checkGraceFile(path: unknown): void {
  if (path === undefined || (typeof path === 'string' && path !== '')) return
  throw badOption('gracePeriodFile', 'a path', path, "Write '/etc/podinfo/annotations'.")
}

/**
 * The grace period in a file of the downward API: the value of one annotation alone, or all of them, one
 * `key="value"` a line. The field itself is not offered there, hence the annotation. In words where there is none.
 * @see https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
 */
export function readGraceFile(path: string): number | string {
  let text: string
  try {
    text = readFile(path).trim()
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'no reason given'})`
  }
  const value = text.includes('=') ? annotationIn(text) : text
  if (value === undefined) return `has no annotation ${ANNOTATION}`
  return readSeconds(value) ?? `is no ${RULE.replace('a number', 'number')}: ${show(value)}`
}

/** A pipe that nobody writes to would hold up the start of the service, and a device has no end. */
function readFile(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!fstatSync(fd).isFile()) throw Object.assign(new Error('not a file'), { code: 'it is no file' })
    const bytes = Buffer.alloc(MOST_BYTES)
    return bytes.toString('utf8', 0, readSync(fd, bytes))
  } finally {
    closeSync(fd)
  }
}

function annotationIn(text: string): string | undefined {
  for (const line of text.split('\n')) {
    const [, key, value] = /^([^="]+)="(.*)"$/.exec(line.trim()) ?? []
    if (key?.split('/').at(-1) === ANNOTATION) return value
  }
  return undefined
}
