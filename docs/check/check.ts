import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as help from '../../lib/cli/help.ts'
import { checkDebugNames } from './debug-names.ts'
import { checkErrorCodes } from './error-codes.ts'
import { checkLinks, linksOf } from './links.ts'
import { checkOptions } from './options.ts'
import { codeBlocks, readPages } from './pages.ts'
import { checkPrograms, isProgram, type Program } from './programs.ts'
import { checkDocComments, publicNames } from './public-names.ts'

// npm run docs:check: what the pages say is what the code does. Programs are compiled against dist/: build first.
const root = fileURLToPath(new URL('../../', import.meta.url))
const pages = readPages(root)
const names = publicNames(root)
const programs: Program[] = [
  ...pages.flatMap(codeBlocks).map((block) => ({ ...block, where: `${block.page}:${block.line}` })),
  ...names.map(({ name, tags }) => ({ where: `@example of ${name}`, language: 'ts', text: tags.example ?? '' })),
].filter(isProgram)

const faults = [
  ...checkLinks(root, pages),
  ...checkErrorCodes(pages),
  ...checkDebugNames(root, pages),
  ...checkDocComments(names),
  ...checkOptions(pages, names, Object.values(help).join('\n')),
  ...checkPrograms(root, programs),
]
for (const fault of faults) console.log(fault)
const links = pages.flatMap(linksOf).length
console.log(`docs: ${pages.length} pages, ${links} links, ${names.length} public names, ${programs.length} programs`)
console.log(faults.length === 0 ? 'docs: all true' : `docs: ${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1
