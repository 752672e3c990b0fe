import { ERROR_CODES } from '../../lib/errors.ts'
import { headings, type Page } from './pages.ts'

/** docs/errors.md has a heading for each code, and for no other. */
export function checkErrorCodes(pages: readonly Page[], codes: readonly string[] = ERROR_CODES): string[] {
  const page = pages.find(({ name }) => name === 'docs/errors.md')
  if (!page) return ['docs/errors.md is missing']
  const found = headings(page).map((heading) => heading.replaceAll('`', ''))
  const documented = found.filter((heading) => /^ERR_/.test(heading))
  return [
    ...codes.filter((code) => !documented.includes(code)).map((code) => `docs/errors.md has no heading ${code}`),
    ...documented
      .filter((code) => !codes.includes(code))
      .map((code) => `docs/errors.md has ${code}, which lib/errors.ts has not`),
  ]
}
