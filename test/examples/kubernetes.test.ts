import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import * as apps from 'kubernetes-models/apps/v1'
import * as batch from 'kubernetes-models/batch/v1'
import * as policy from 'kubernetes-models/policy/v1'
import * as rbac from 'kubernetes-models/rbac.authorization.k8s.io/v1'
import * as core from 'kubernetes-models/v1'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import { test } from '../support/suite.ts'
import { EXAMPLES } from './example.ts'
import { chartSchema, chartValues, renderChart } from './kubernetes-chart.ts'

const FOLDER = join(EXAMPLES, 'kubernetes')
const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url))
const KINDS: Readonly<Record<string, object>> = {
  ...{ 'apps/v1': apps, 'batch/v1': batch, 'policy/v1': policy, v1: core, 'rbac.authorization.k8s.io/v1': rbac },
}
const GRACE = 'TERMINATION_GRACE_PERIOD_SECONDS'

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly spec?: object
}

interface Container {
  readonly env?: readonly { name: string; value?: string }[]
}

function manifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]
    return document.toJS() as Manifest
  })
}

interface Validated {
  validate(): void
}

/** By the schema of its kind, as the API server does it; throws what is wrong. */
function validate(manifest: Manifest): void {
  const { apiVersion, kind } = manifest
  const Model = (KINDS[apiVersion] as Record<string, new (data: object) => Validated> | undefined)?.[kind]
  if (!Model) throw new Error(`${apiVersion} ${kind}: no schema`)
  const unread: string[] = []
  const watched = watchReads(new Model(manifest), kind, unread)
  Model.prototype.validate.call(watched.value)
  watched.end()
  if (unread.length > 0) throw new Error(`no schema knows ${unread.join(', ')}`)
}

/** The schemas let unknown fields pass, and a misspelt one is unknown: what their check has never read. */
function watchReads(value: unknown, path: string, unread: string[]): { value: Validated; end: () => void } {
  const target = value as Record<string, unknown>
  const read = new Set<string>()
  const inner = new Map<string, ReturnType<typeof watchReads>>()
  const proxy = new Proxy(target, {
    get(_, key) {
      const found = Reflect.get(target, key)
      if (typeof key !== 'string' || !Object.hasOwn(target, key)) return found
      read.add(key)
      if (typeof found !== 'object' || found === null) return found
      if (!inner.has(key)) inner.set(key, watchReads(found, `${path}.${key}`, unread))
      return inner.get(key)?.value
    },
  })
  const end = (): void => {
    for (const key of Object.keys(target)) if (!read.has(key)) unread.push(`${path}.${key}`)
    for (const { end } of inner.values()) end()
  }
  return { value: proxy as unknown as Validated, end }
}

interface PodSpec {
  readonly terminationGracePeriodSeconds?: number
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
}

function podOf({ kind, spec }: Manifest): PodSpec | undefined {
  return (kind === 'Pod' ? spec : (spec as { template?: { spec: PodSpec } } | undefined)?.template?.spec) as PodSpec
}

/** What the containers are told, together: a sidecar and its app share it. */
function toldSeconds({ containers, initContainers = [] }: PodSpec): number {
  const values = [...containers, ...initContainers].map(({ env }) => env?.find(({ name }) => name === GRACE)?.value)
  return values.reduce((sum, value) => sum + Number(value), 0)
}

const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.ya?ml$/.test(file) && !file.includes('chart'),
)

for (const file of files) {
  test(`examples/kubernetes/${file} is as Kubernetes' schemas want it, and its containers know its grace period`, () => {
    for (const manifest of manifests(readFileSync(join(FOLDER, file), 'utf8'))) {
      validate(manifest)
      const pod = podOf(manifest)
      if (pod) assert.is(toldSeconds(pod), pod.terminationGracePeriodSeconds)
    }
  })
}

test('every example for Kubernetes is a folder with a program, a Dockerfile, manifests, and what to watch', () => {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const index = readFileSync(join(FOLDER, 'README.md'), 'utf8')
  assert.is(folders.length, 6)
  for (const { name } of folders) {
    assert.match(index, `[${name}](${name}/)`)
    assert.match(readFileSync(join(FOLDER, name, 'README.md'), 'utf8'), '\nWhat to watch:\n')
    assert.ok(existsSync(join(FOLDER, name, 'Dockerfile')), name)
    const known = [...files, '06-helm/chart/templates/deployment.yaml']
    assert.ok(
      known.some((file) => file.startsWith(`${name}/`)),
      name,
    )
  }
})

test('examples/kubernetes/06-helm renders one grace period into the pod and its container', async () => {
  for (const set of [{}, { gracePeriodSeconds: 60 }]) {
    const [deployment] = manifests(await renderChart({ name: 'web', set }))
    validate(deployment as Manifest)
    const pod = podOf(deployment as Manifest) as PodSpec
    assert.is(pod.terminationGracePeriodSeconds, { ...chartValues(), ...set }.gracePeriodSeconds)
    assert.is(toldSeconds(pod), pod.terminationGracePeriodSeconds)
  }
})

test('examples/kubernetes/06-helm refuses a grace period that is none', () => {
  const isValid = new Ajv().compile(chartSchema())
  assert.ok(isValid(chartValues()))
  for (const gracePeriodSeconds of ['soon', '45', 1, 2.5, undefined]) {
    assert.not.ok(isValid({ ...chartValues(), gracePeriodSeconds }), String(gracePeriodSeconds))
  }
})

test('every whole manifest in the docs is as the schemas want it', () => {
  let seen = 0
  for (const page of readdirSync(DOCS).filter((file) => file.endsWith('.md'))) {
    for (const [, text = ''] of readFileSync(join(DOCS, page), 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)) {
      if (!/^apiVersion:/m.test(text)) continue
      seen++
      try {
        for (const manifest of manifests(text)) validate(manifest)
      } catch (error) {
        throw new Error(`docs/${page}: ${String(error)}\n${text}`)
      }
    }
  }
  assert.ok(seen > 3, `${seen} manifests`)
})
