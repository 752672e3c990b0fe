import type { Tree } from './tree.ts'
import { afterWork } from './trees/after-work.ts'
import { background } from './trees/background.ts'
import { foreground } from './trees/foreground.ts'
import { inits } from './trees/inits.ts'
import { nodeLaunchers } from './trees/node-launchers.ts'
import { nodeParents } from './trees/node-parents.ts'
import { pipelines } from './trees/pipelines.ts'
import { pythonParents } from './trees/python-parents.ts'
import { services } from './trees/services.ts'
import { traps } from './trees/traps.ts'
import { wrappers } from './trees/wrappers.ts'

/** By the heading under which the page shows them. */
export const ALL_TREES: Readonly<Record<string, readonly Tree[]>> = {
  'A server in the foreground of a shell': foreground,
  'Something after the server': afterWork,
  Traps: traps,
  Pipelines: pipelines,
  'Jobs and daemons': background,
  Wrappers: wrappers,
  'Inits and other users': inits,
  'Launchers of Node services': nodeLaunchers,
  'Node programs with children': nodeParents,
  'Python programs with children': pythonParents,
  Services: services,
}

/** The first few under each heading. */
export function sample(each: number): Tree[] {
  return Object.values(ALL_TREES).flatMap((trees) => trees.slice(0, each))
}
