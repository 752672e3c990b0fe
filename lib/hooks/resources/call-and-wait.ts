import { call, can, isThing, type Thing } from './thing.ts'

/** Calls a method that may take a callback, return a promise, or do its work at once, and waits for its end. */
export function callAndWait(thing: Thing, method: PropertyKey): Promise<void> {
  return new Promise((resolve, reject) => {
    const place = callbackPlace(thing[method] as (...args: unknown[]) => unknown)
    const callback = (error?: unknown): void =>
      error instanceof Error || typeof error === 'string' ? reject(error) : resolve()
    const args = place === undefined ? [] : [...new Array<undefined>(place), callback]
    const result = call(thing, method, ...args)
    if (isThing(result) && can(result, 'then')) {
      Promise.resolve(result as unknown as PromiseLike<unknown>).then(() => resolve(), reject)
    } else if (place === undefined) resolve()
  })
}

/** What a lone first parameter is called where it is no callback. */
const OTHER_PARAMETER =
  /^(force|forced|opts?|options|config|err|error|reason|code|status|signal|time(out)?|wait|grace|data|chunk|_.*)$/i

const CALLBACK_PARAMETER = /^_?(cb|callback|done|fn|next|on[A-Z]\w*|\w*(Callback|Cb))$/

/**
 * Where a method takes its callback; undefined where it takes none. A callback given as `close(force)`'s argument would
 * force, so parameter names decide. A minified one tells nothing: alone, it is taken for a callback, as Node's own is.
 */
export function callbackPlace(method: (...args: never[]) => unknown): number | undefined {
  if (method.constructor.name === 'AsyncFunction') return undefined
  const names = parameterNames(method)
  const named = names.findIndex((name) => CALLBACK_PARAMETER.test(name))
  if (named !== -1) return named
  return method.length === 1 && !OTHER_PARAMETER.test(names[0] ?? '') ? 0 : undefined
}

/** The names in a function's parameter list, `_` for a pattern; a bound or native function shows none. */
function parameterNames(method: (...args: never[]) => unknown): string[] {
  const source = Function.prototype.toString.call(method)
  const lone = /^(?:async\s+)?([\w$]+)\s*=>/.exec(source)?.[1]
  if (lone) return [lone]
  const list = /^[^(]*\(([^)]*)\)/.exec(source)?.[1] ?? ''
  if (list.trim() === '') return []
  const parameters = list.replace(/\{[^}]*\}|\[[^\]]*\]/g, '_').split(',')
  return parameters.map((parameter) => /^\s*([\w$]+)/.exec(parameter)?.[1] ?? '_')
}
