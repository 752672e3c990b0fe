import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Page {
  /** Relative to the root, with slashes. */
  readonly name: string
  readonly lines: readonly Line[]
}

export interface Line {
  readonly text: string
  readonly number: number
  /** The language of the code block that it lies in, '' for one without; undefined in prose. */
  readonly code: string | undefined
}

export interface CodeBlock {
  readonly page: string
  readonly line: number
  readonly language: string
  readonly text: string
}

/** The pages that people read: those at the top, and docs/. */
export function readPages(root: string): Page[] {
  const docs = join(root, 'docs')
  const inDocs = existsSync(docs) ? readdirSync(docs).map((name) => `docs/${name}`) : []
  const names = [...readdirSync(root), ...inDocs].filter((name) => name.endsWith('.md'))
  return names.sort().map((name) => parsePage(name, readFileSync(join(root, name), 'utf8')))
}

export function parsePage(name: string, text: string): Page {
  let fence: { readonly marks: string; readonly language: string } | undefined
  const lines = text.split('\n').map((text, index): Line => {
    const mark = /^\s*(`{3,}|~{3,})\s*(\w*)/.exec(text)
    const code = fence?.language
    if (fence && mark?.[1]?.startsWith(fence.marks)) fence = undefined
    else if (!fence && mark) fence = { marks: mark[1] as string, language: mark[2] ?? '' }
    // The fences themselves count as neither.
    return { text: mark && (code === undefined || !fence) ? '' : text, number: index + 1, code }
  })
  return { name, lines }
}

export function codeBlocks(page: Page): CodeBlock[] {
  const blocks: CodeBlock[] = []
  let open: { line: number; language: string; text: string[] } | undefined
  for (const { text, number, code } of [...page.lines, { text: '', number: 0, code: undefined }]) {
    if (code !== undefined) {
      open ??= { line: number, language: code, text: [] }
      open.text.push(text)
    } else if (open) {
      blocks.push({ page: page.name, line: open.line, language: open.language, text: open.text.join('\n') })
      open = undefined
    }
  }
  return blocks
}

export function headings(page: Page): string[] {
  return page.lines.flatMap(({ text, code }) => (code === undefined && /^#{1,6} +(.+?) *#*$/.exec(text)?.[1]) || [])
}
