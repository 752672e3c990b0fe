import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { queueMicrotask, turn } from '../../real-time.ts'
import type { LineReader } from '../plan/child-options.ts'
import { LineSplitter } from './lines.ts'

/** Of short lines some thousands, and some ten milliseconds. */
const PART_BYTES = 8_192

/**
 * Reads a child's output as whole lines and hands them to every reader. A reader may answer with a promise: until it
 * resolves the pipe is not read, so that a slow reader slows the child down and costs no memory. Resolves when every
 * line was handed on.
 */
export async function readOutput(child: ChildProcess, readers: readonly LineReader[]): Promise<void> {
  const streams = (['stdout', 'stderr'] as const).map((name) => {
    const stream = child[name]
    return stream ? readStream(stream, name, readers) : undefined
  })
  await Promise.all(streams)
}

async function readStream(stream: Readable, name: 'stdout' | 'stderr', readers: readonly LineReader[]): Promise<void> {
  let waiting: Promise<unknown>[] = []
  const lines = new LineSplitter((line) => {
    for (const read of readers) {
      try {
        const busy = read(line, name)
        if (busy instanceof Promise) waiting.push(busy.catch(raise))
      } catch (error) {
        raise(error)
      }
    }
  })
  try {
    for await (const piece of stream) {
      for (const part of partsOf(piece as Buffer)) {
        lines.push(part)
        if (waiting.length > 0) await Promise.all(waiting)
        waiting = []
        // Whoever floods us with lines is not to hold up timers and signals: each line costs a write.
        await turn()
      }
    }
  } catch {
    // The pipe broke: the child's end says more about it.
  }
  lines.end()
}

function* partsOf(piece: Buffer): Iterable<Buffer> {
  for (let at = 0; at < piece.length; at += PART_BYTES) yield piece.subarray(at, at + PART_BYTES)
}

/** A reader's error is the app's own, uncaught as in any callback; the child's pipe is read on. */
function raise(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}

/** Writes whole lines with the child's name before them to our own stream of the same kind. `colour` is an SGR code. */
export function prefixed(name: string, colour?: number): LineReader {
  const mark = (out: NodeJS.WriteStream): string =>
    colour !== undefined && showsColour(out) ? `\u001b[${colour}m${name} |\u001b[0m ` : `${name} | `
  const gone = new Set<string>()
  return (line, stream) => {
    const out = outlivingReader(process[stream])
    // Its reader has gone: the program goes on, and nobody hears of it.
    if (gone.has(stream)) return undefined
    let written = (): void => {}
    // One write a line: lines of two children never mix.
    const isTaken = out.write(`${mark(out)}${line}\n`, (error) => {
      if (error) gone.add(stream)
      written()
    })
    if (isTaken) return undefined
    return new Promise<void>((resolve) => {
      written = resolve
    })
  }
}

/** Without a listener the error would be an uncaught one, and `| head -1` the end of everything. */
export function outlivingReader(out: NodeJS.WriteStream): NodeJS.WriteStream {
  if (!out.listeners('error').includes(nobodyReads)) out.on('error', nobodyReads)
  return out
}

function nobodyReads(): void {}

/** As Node's own `util.styleText`: FORCE_COLOR goes before NO_COLOR, and that before what the stream is. */
function showsColour(out: NodeJS.WriteStream): boolean {
  const { FORCE_COLOR, NO_COLOR, TERM } = process.env
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return !NO_COLOR && TERM !== 'dumb' && out.isTTY === true
}
