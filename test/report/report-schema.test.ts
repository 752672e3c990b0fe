import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import * as assert from 'uvu/assert'
import { test } from '../support/suite.ts'

interface Schema {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly enum?: readonly (string | null)[]
  readonly description?: string
}

/** A type or schema, reduced to what both can say: property names (`?`: optional), elements, words. */
type Shape = { readonly [property: string]: Shape } | readonly string[] | 'value'

const file = (path: string): string => fileURLToPath(new URL(`../../lib/report/${path}`, import.meta.url))
const schema = JSON.parse(readFileSync(file('report.schema.json'), 'utf8')) as Schema & {
  $defs: Record<string, Schema>
}

test(
  'the published schema has every property, optionality and word of the type Report, and no other',
  () => assert.equal(shapeOfSchema(schema), shapeOfReportType()),
  // The compiler reads all of @types/node.
  { limitMs: 120_000 },
)

function shapeOfSchema(one: Schema): Shape {
  const { $ref, properties, required = [], items } = one
  const words = one.enum
  if ($ref) return shapeOfSchema(schema.$defs[$ref.replace('#/$defs/', '')] as Schema)
  if (items) return { '[]': shapeOfSchema(items) }
  // Of a type null is taken off, too.
  if (words) return words.filter((word) => word !== null).sort()
  if (!properties) return 'value'
  return sorted(
    Object.entries(properties).map(([name, of]) => [required.includes(name) ? name : `${name}?`, shapeOfSchema(of)]),
  )
}

function shapeOfReportType(): Shape {
  const program = ts.createProgram([file('report.ts')], {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    allowImportingTsExtensions: true,
    types: ['node'],
  })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file('report.ts')) as ts.SourceFile
  const [report] = checker
    .getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol)
    .filter((s) => s.name === 'Report')
  return shapeOf(checker.getDeclaredTypeOfSymbol(report as ts.Symbol))

  function shapeOf(type: ts.Type): Shape {
    if (checker.isArrayType(type))
      return { '[]': shapeOf(checker.getTypeArguments(type as ts.TypeReference)[0] as ts.Type) }
    const parts = type.isUnion() ? type.types : []
    const words = parts.flatMap((part) => (part.isStringLiteral() ? part.value : []))
    // NodeJS.Signals is a list of forty words: the schema has a pattern.
    if (words.length > 0 && words.length === parts.length && !words[0]?.startsWith('SIG')) return words.sort()
    if (!(type.flags & ts.TypeFlags.Object)) return 'value'
    return sorted(
      type.getProperties().map((property) => {
        const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0
        return [
          isOptional ? `${property.name}?` : property.name,
          shapeOf(checker.getNonNullableType(checker.getTypeOfSymbol(property))),
        ]
      }),
    )
  }
}

function sorted(entries: [string, Shape][]): Shape {
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
