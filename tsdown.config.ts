import { copyFile } from 'node:fs/promises'
import { defineConfig } from 'tsdown'
import { inlineSources } from './inline-sources.ts'

// One bundle per entry: a service that imports lastcall reads one file, not forty-five.
// Comments are for readers of lib/; what users need of them is in the types.
const shared = {
  platform: 'node',
  target: 'node20',
  fixedExtension: false,
  hash: false,
  clean: false,
  logLevel: 'warn',
  checks: { pluginTimings: false },
  outputOptions: { comments: false },
} as const

await inlineSources()

export default defineConfig([
  { ...shared, entry: { index: 'lib/index.ts' }, format: ['esm', 'cjs'], dts: true },
  { ...shared, entry: { 'process-tree': 'lib/process-tree/index.ts' }, format: ['esm', 'cjs'], dts: true },
  { ...shared, entry: { prestop: 'lib/prestop/index.ts' }, format: ['esm', 'cjs'], dts: true },
  {
    ...shared,
    entry: { cli: 'lib/cli/main.ts' },
    format: ['esm'],
    dts: false,
    // A command is loaded when it is asked for; its chunk must not meet an entry of the same name.
    outputOptions: { comments: false, chunkFileNames: 'cli/[name].js' },
    onSuccess: async () => {
      await copyFile('lib/report/report.schema.json', 'dist/report.schema.json')
      await copyFile('lib/run/several/config/config.schema.json', 'dist/config.schema.json')
    },
  },
])
