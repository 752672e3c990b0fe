import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse as render } from '@evertdespiegeleer/go-template'
import { parse as parseYaml } from 'yaml'
import { EXAMPLES } from './example.ts'

const CHART = join(EXAMPLES, 'kubernetes/06-helm/chart')
const read = (file: string): string => readFileSync(join(CHART, file), 'utf8')

export const chartSchema = (): object => JSON.parse(read('values.schema.json'))
export const chartValues = (): Record<string, unknown> => parseYaml(read('values.yaml'))

/** As `helm template NAME chart --set …`: Helm's templates are Go's, and this chart uses no function of Helm's own. */
export function renderChart({ name, set }: { name: string; set: Readonly<Record<string, unknown>> }): Promise<string> {
  const Values = { ...chartValues(), ...set }
  return render(read('templates/deployment.yaml'), { Release: { Name: name }, Values })
}
