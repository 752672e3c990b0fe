import { show } from '../options.ts'
import { VERBS, verbText } from './close-verb.ts'
import { can, has, inside, isThing, member, type Thing } from './resources/thing.ts'

/** Why a thing belongs to another verb, and what to write instead; undefined where it does not. */
export function elsewhere(name: string, thing: Thing): string | undefined {
  if (can(thing, 'listen', 'getConnections', 'close')) {
    return 'is a server, and a server ends while requests can still finish. Write shutdown.server(server).'
  }
  const adopt = `It stops in the phase children: write shutdown.adopt(${show(name)}, `
  if (can(thing, 'kill') && has(thing, 'spawnfile', 'pid')) {
    return `is a child process, and may have children of its own. ${adopt}child).`
  }
  if (can(thing, 'isDead', 'isConnected', 'kill') && has(thing, 'process')) {
    return `is a cluster worker, a process of its own. ${adopt}worker).`
  }
  if (can(thing, 'terminate', 'postMessage') && has(thing, 'threadId')) {
    return `is a worker thread, which is asked before it is ended. ${adopt}worker).`
  }
  if (can(thing, 'fork', 'setupPrimary', 'disconnect')) {
    return `is the cluster module, and its workers are processes of their own. ${adopt}cluster).`
  }
  if (member(thing, '_isStdio') === true) {
    return 'is an output of the process, and what was written to it is delivered before the exit. Leave it out.'
  }
  return undefined
}

/** Why a value is nothing that can be closed. */
export function notAThing(name: string, value: unknown): string | undefined {
  if (!isThing(value))
    return `must be the thing to close, got ${show(value)}. Write shutdown.resource(${show(name)}, pool).`
  if (can(value, 'then')) return 'is a promise. Await it first, and pass what it resolves to.'
  if (Array.isArray(value)) return 'is an array. Register each of its things under a name of its own.'
  if (isClass(value))
    return `is the class ${inside(value, 'name') || 'itself'}. Pass the instance that was made from it.`
  return undefined
}

/** What to say where no way to close a thing was found. */
export function noWay(name: string, thing: Thing): string {
  const hook = `shutdown.hook(${show(name)}, …)`
  const looked = `Looked for ${VERBS.map(verbText).join(', ')}`
  if (typeof thing === 'function')
    return `is a function without a method to close it. If it is to run, write ${hook}. ${looked}.`
  const methods = methodNames(thing)
  const found = methods.length > 0 ? `it has ${methods.join(', ')}` : 'it has no methods'
  return `has no way to be closed that lastcall knows. ${looked}; ${found}. Write ${hook} with the right call.`
}

/** A compiled class is an ordinary function, but one whose prototype has methods. */
function isClass(value: Thing): boolean {
  if (typeof value !== 'function') return false
  if (/^class\b/.test(Function.prototype.toString.call(value))) return true
  const prototype = member(value, 'prototype')
  return isThing(prototype) && VERBS.some((verb) => can(prototype, verb))
}

function methodNames(thing: Thing): string[] {
  const names = new Set<string>()
  for (let level: object | null = thing; level && level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const name of Object.getOwnPropertyNames(level)) {
      if (name !== 'constructor' && !name.startsWith('_') && can(thing, name)) names.add(`${name}()`)
    }
  }
  return names.size > 8 ? [...names].slice(0, 8).concat('…') : [...names]
}
