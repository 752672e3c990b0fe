import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LastcallError } from '../../../errors.ts'
import { show } from '../../../options.ts'
import { JsonFault, lineAndColumn, readJson } from './json-text.ts'

/** A file as it was read, before anything of it was checked. */
export interface LoadedConfig {
  readonly value: unknown
  /** What its paths are relative to. */
  readonly folder: string
  /** `lastcall.config.json:7:5`, where a member is written; without the numbers where they are not known. */
  readonly where: (path: readonly string[]) => string
}

const ENDINGS = ['.json', '.js', '.mjs', '.ts'] as const

/**
 * The configuration file of a folder; undefined where there is none.
 * @throws {LastcallError} where there are two: which one would run is not for us to guess
 */
export function findConfig(folder: string): string | undefined {
  const found = ENDINGS.map((ending) => `lastcall.config${ending}`).filter((name) => existsSync(join(folder, name)))
  const [one, two] = found
  if (two !== undefined)
    throw fault(`there are ${found.join(' and ')} in ${folder}. Remove one, or name it: --config ${one}.`)
  return one === undefined ? undefined : join(folder, one)
}

/** @throws {LastcallError} with the file's name, and the line where it is known */
export async function loadConfig(path: string): Promise<LoadedConfig> {
  const file = resolve(path)
  const name = relative(process.cwd(), file)
  const folder = dirname(file)
  if (!existsSync(file)) throw fault(`there is no file ${name}. --config takes a .json, .js, .mjs or .ts file.`)
  if (extname(file) === '.json') return { ...loadJson(file, name), folder }
  if (!ENDINGS.some((ending) => ending === extname(file))) {
    throw fault(`${name} is not a configuration: --config takes a .json, .js, .mjs or .ts file.`)
  }
  return { value: await loadModule(file, name), folder, where: () => name }
}

function loadJson(file: string, name: string): Omit<LoadedConfig, 'folder'> {
  const text = readText(file, name)
  const place = (offset: number): string => `${name}:${lineAndColumn(text, offset)}`
  try {
    const { value, offsetOf } = readJson(text)
    return { value, where: (path) => place(offsetOf(path)) }
  } catch (error) {
    if (error instanceof JsonFault) throw fault(`${place(error.offset)}: ${error.message}`)
    throw error
  }
}

function readText(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw fault(`cannot read ${name}: ${(error as Error).message}.`, error)
  }
}

async function loadModule(file: string, name: string): Promise<unknown> {
  let onEmpty = (): void => {}
  const never = new Promise<never>((_, reject) => {
    onEmpty = () =>
      reject(
        fault(`${name} waits for something that never comes: nothing is open any more, and its promise is pending.`),
      )
  })
  // Node itself would end here, with code 13 and without a word.
  process.once('beforeExit', onEmpty)
  try {
    return await Promise.race([evaluate(file, name), never])
  } catch (error) {
    if (error instanceof LastcallError) throw error
    throw isTypeScriptUnknown(error) ? cannotReadTypes(name) : fault(blame(error, file, name), error)
  } finally {
    process.off('beforeExit', onEmpty)
  }
}

async function evaluate(file: string, name: string): Promise<unknown> {
  const { default: config } = (await import(pathToFileURL(file).href)) as { default?: unknown }
  if (config === undefined) throw fault(`${name} has no default export. Write export default { commands: { … } }.`)
  return typeof config === 'function' ? config() : config
}

/** An error of the file's own, and the line where it was thrown. */
function blame(error: unknown, file: string, name: string): string {
  const { message, stack } = Object(error) as Error
  const text = typeof message === 'string' ? message : show(error)
  // Node keeps the line of a syntax error for itself.
  if (error instanceof SyntaxError) return `${name} is no JavaScript: ${text}. node --check ${name} shows where.`
  const line = typeof stack === 'string' ? stack.split(file)[1]?.match(/^:\d+(:\d+)?/)?.[0] : undefined
  return `${name}${line ?? ''} threw: ${text}`
}

function isTypeScriptUnknown(error: unknown): boolean {
  return (Object(error) as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION'
}

/** @see https://nodejs.org/docs/latest-v24.x/api/typescript.html#type-stripping */
function cannotReadTypes(name: string): LastcallError {
  return fault(
    `${name} is TypeScript, which Node reads by itself from 22.18 on, and this is ${process.versions.node}. ` +
      "Write lastcall.config.js, or bring a loader: NODE_OPTIONS='--import tsx'.",
  )
}

function fault(message: string, cause?: unknown): LastcallError {
  return new LastcallError('ERR_LASTCALL_OPTION', message, ...(cause === undefined ? [] : [{ cause }]))
}
