import { writeFile } from 'node:fs/promises'
import { build } from 'rolldown'

/**
 * The guard runs in a process of its own, also where an app has bundled lastcall into a single file: so its program is a
 * text within ours, made from lib/children/guard/guard-process.ts before everything else is built.
 */
export async function inlineGuard(): Promise<void> {
  const { output } = await build({
    input: 'lib/children/guard/guard-process.ts',
    platform: 'node',
    // Neither a second bundle nor a file on disk: `debug` has no place in it.
    external: ['debug'],
    output: { format: 'cjs', minify: true, comments: false },
    write: false,
  })
  const text = `// Made by inline-guard.ts from guard-process.ts.\nexport const GUARD_SOURCE =\n  ${JSON.stringify(output[0].code)}\n`
  await writeFile('lib/children/guard/guard-source.ts', text)
}
