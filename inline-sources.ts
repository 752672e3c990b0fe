import { writeFile } from 'node:fs/promises'
import { build } from 'rolldown'

/** What runs in a process or thread of its own, by the constant that holds its text. */
const PROGRAMS = [
  { name: 'GUARD_SOURCE', folder: 'lib/children/guard', from: 'guard-process.ts', to: 'guard-source.ts' },
  { name: 'WATCHDOG_SOURCE', folder: 'lib/watchdog', from: 'watchdog-thread.ts', to: 'watchdog-source.ts' },
]

/**
 * They run also where an app has bundled lastcall into a single file: so each program is a text within ours, made before
 * everything else is built.
 */
export async function inlineSources(): Promise<void> {
  for (const { name, folder, from, to } of PROGRAMS) {
    const { output } = await build({
      input: `${folder}/${from}`,
      platform: 'node',
      // Neither a second bundle nor a file on disk: `debug` has no place in it.
      external: ['debug'],
      output: { format: 'cjs', minify: true, comments: false },
      write: false,
    })
    const text = `// Made by inline-sources.ts from ${from}.\nexport const ${name} =\n  ${JSON.stringify(output[0].code)}\n`
    await writeFile(`${folder}/${to}`, text)
  }
}
