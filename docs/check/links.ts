import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { headings, type Page } from './pages.ts'

/** Every link of every page that leads to a file that is not there, or to a heading that its page does not have. */
export function checkLinks(root: string, pages: readonly Page[]): string[] {
  const anchors = new Map(pages.map((page) => [page.name, anchorsOf(page)]))
  return pages.flatMap((page) =>
    linksOf(page).flatMap(({ target, line }) => {
      const [path = '', fragment] = target.split('#')
      const name = path === '' ? page.name : posix.normalize(posix.join(posix.dirname(page.name), path))
      const where = `${page.name}:${line}: ${target}`
      if (name.startsWith('..')) return [`${where} leads out of the repository`]
      const known = anchors.get(name)
      if (!known && !existsSync(join(root, name))) return [`${where} leads to no file`]
      // Lines of a source file (#L12) are GitHub's own.
      return fragment === undefined || !known || known.has(fragment) ? [] : [`${where} leads to no heading`]
    }),
  )
}

/** Links within the repository. Those to the outside are not followed: a check must not depend on others' servers. */
export function linksOf(page: Page): { readonly target: string; readonly line: number }[] {
  return page.lines.flatMap(({ text, number, code }) => {
    if (code !== undefined) return []
    const prose = text.replace(/`[^`]*`/g, '')
    const inline = prose.matchAll(/\]\(<?([^)>\s]+)>?(?: +"[^"]*")?\)/g)
    const references = prose.matchAll(/^\[[^\]]+\]: +<?([^>\s]+)/g)
    return [...inline, ...references]
      .map((found) => ({ target: decodeURIComponent(found[1] as string), line: number }))
      .filter(({ target }) => !/^[a-z][a-z+.-]*:/i.test(target))
  })
}

/** As GitHub makes them: lower case, no punctuation, hyphens for spaces, and a number from the second alike on. */
export function anchorsOf(page: Page): Set<string> {
  const anchors = new Set<string>()
  for (const heading of headings(page)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const slug = words.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')
    let anchor = slug
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`
    anchors.add(anchor)
  }
  for (const { text } of page.lines) {
    for (const [, id] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id as string)
  }
  return anchors
}
