import { fileURLToPath } from 'node:url'
import type { BlockedReport } from '../report/report.ts'

/** What a stack says of a blocked thread. */
export type Stack = Pick<BlockedReport, 'at' | 'stack'>

/** V8's own text of a stack, as lines, without the frames of whoever asked for it. */
export function readStack(text: string): Stack {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .map((line) => line.slice(3))
  // The asking itself: evaluated text has no file.
  const first = lines.findIndex((line) => !/^<anonymous>:\d+:\d+$/.test(line))
  const stack = first < 0 ? [] : lines.slice(first)
  const at = stack.map(readFrame).find((frame) => frame !== undefined)
  return { ...(at && { at }), ...(stack.length > 0 && { stack }) }
}

/** Undefined for frames of Node and of the language, which are never the answer to "who was it?". */
function readFrame(frame: string): BlockedReport['at'] {
  const [, name, place = frame] = /^(.*?) \((.*)\)$/.exec(frame) ?? []
  const [, file, line, column] = /^(.+):(\d+):(\d+)$/.exec(place) ?? []
  if (file === undefined || file.startsWith('node:') || file.startsWith('<anonymous>')) return undefined
  // V8 puts before it what the function was called on, which for a hook is an object of ours.
  const plain = name
    ?.replace(/^(async|new) /, '')
    .replace(/ \[as .*\]$/, '')
    .replace(/^Object\./, '')
  return {
    function: !plain || plain === '<anonymous>' ? 'anonymous' : plain,
    file: pathOf(file),
    line: Number(line),
    column: Number(column),
  }
}

function pathOf(file: string): string {
  try {
    return file.startsWith('file:') ? fileURLToPath(file) : file
  } catch {
    return file
  }
}
