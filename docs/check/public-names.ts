import { join, relative } from 'node:path'
import ts from 'typescript'

/** What a user can import, or can write or read on such a thing. */
export interface PublicName {
  /** `ShutdownOptions.exit` */
  readonly name: string
  readonly where: string
  readonly doc: string
  /** The text of its tags by their name: default, throws, example. */
  readonly tags: Readonly<Record<string, string>>
  /** Of an interface of options. */
  readonly isOption: boolean
}

const ENTRIES = ['lib/index.ts', 'lib/process-tree/index.ts', 'lib/prestop/index.ts']

/** Reads the entries as a compiler does, so that a re-export leads to the declaration and its comment. */
export function publicNames(root: string, entries = ENTRIES): PublicName[] {
  const files = entries.map((entry) => join(root, entry))
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    root,
  )
  const program = ts.createProgram(files, options)
  const checker = program.getTypeChecker()
  const names = new Map<string, PublicName>()
  for (const file of files) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file) as ts.SourceFile)
    for (const exported of module ? checker.getExportsOfModule(module) : []) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      const declaration = symbol.declarations?.[0]
      if (!declaration) continue
      const add = (name: string, of: ts.Symbol, at: ts.Declaration, isOption: boolean) => {
        const source = at.getSourceFile()
        const where = `${relative(root, source.fileName)}:${source.getLineAndCharacterOfPosition(at.getStart()).line + 1}`
        names.set(name, { name, where, doc: docOf(of, checker), tags: tagsOf(of, checker), isOption })
      }
      add(exported.name, symbol, declaration, false)
      if (!ts.isInterfaceDeclaration(declaration) && !ts.isClassDeclaration(declaration)) continue
      const isOptions = exported.name.endsWith('Options')
      for (const member of checker.getDeclaredTypeOfSymbol(symbol).getProperties()) {
        const at = member.declarations?.[0]
        if (!at || at.getSourceFile().fileName.includes('/node_modules/') || isInternal(member, checker)) continue
        // `[Symbol.dispose]` is named and described by Disposable; `name` of an Error by Error.
        if (member.name.startsWith('__@') || ts.getCombinedModifierFlags(at) & ts.ModifierFlags.Override) continue
        add(`${exported.name}.${member.name}`, member, at, isOptions)
      }
    }
  }
  return [...names.values()]
}

/** A report is described field by field in its published schema; its types need no second description. */
export function checkDocComments(names: readonly PublicName[]): string[] {
  return names
    .filter(({ name }) => !/Report\./.test(name))
    .flatMap(({ name, where, doc, tags, isOption }) => [
      ...(doc === '' ? [`${where}: ${name} is public and has no doc comment`] : []),
      ...(isOption && tags.default === undefined ? [`${where}: ${name} is an option and has no @default`] : []),
    ])
}

function docOf(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim()
}

function tagsOf(symbol: ts.Symbol, checker: ts.TypeChecker): Record<string, string> {
  return Object.fromEntries(
    symbol.getJsDocTags(checker).map(({ name, text }) => [name, ts.displayPartsToString(text).trim()]),
  )
}

function isInternal(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  return 'internal' in tagsOf(symbol, checker)
}
