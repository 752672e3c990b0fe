import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'

export interface Program {
  readonly where: string
  readonly language: string
  readonly text: string
}

/** A block that begins with an import is a whole program, and must compile against the types that are shipped. */
export function isProgram({ language, text }: { language: string; text: string }): boolean {
  const code = text.replace(/^(\s|\/\/.*$|#!.*$)*/m, '')
  return ['ts', 'js', 'typescript', 'javascript'].includes(language) && /^import\b/.test(code)
}

export function checkPrograms(root: string, programs: readonly Program[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-docs-'))
  try {
    installInto(folder, root)
    const files = programs.map(({ language, text }, index) => {
      const file = join(folder, `${index}.${language.startsWith('t') ? 'ts' : 'js'}`)
      writeFileSync(file, text)
      return file
    })
    const program = ts.createProgram(files, {
      strict: true,
      noEmit: true,
      allowJs: true,
      checkJs: true,
      noImplicitAny: false,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2023,
      lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    })
    return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
      const message = ts.flattenDiagnosticMessageText(messageText, ' ')
      const index = files.indexOf(file?.fileName ?? '')
      const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0
      return `${programs[index]?.where ?? file?.fileName}, line ${line} of the program: ${message}`
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As if installed: lastcall under its own name, and beside it what the project has. */
function installInto(folder: string, root: string): void {
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  symlinkSync(root, join(modules, 'lastcall'))
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
}
