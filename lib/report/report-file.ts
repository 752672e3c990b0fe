import { renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Report } from './report.ts'

/**
 * Writes the report as JSON, whole or not at all: a reader never sees half of one. Synchronous, since an `exit`
 * listener calls it. Returns what went wrong; never throws.
 */
export function writeReportFile(path: string, report: Report): Error | undefined {
  const text = `${JSON.stringify(report, null, 2)}\n`
  // Beside the file, because a rename works only within one file system.
  const beside = `${path}.${process.pid}.tmp`
  try {
    // `wx` follows no link that somebody else put there.
    rmSync(beside, { force: true })
    writeFileSync(beside, text, { flag: 'wx' })
    renameSync(beside, path)
    return undefined
  } catch (error) {
    // In place the old report would be cut off first, and on a full disk nothing would follow.
    if (FULL.includes((error as NodeJS.ErrnoException).code ?? '')) return withoutRest(beside, error as Error)
    return writeInPlace(path, beside, text)
  }
}

/** The disk is full, or our share of it. */
const FULL = ['ENOSPC', 'EDQUOT']

function withoutRest(beside: string, error: Error): Error {
  rmSync(beside, { force: true })
  return error
}

/** A file that is mounted by itself cannot be renamed over (EBUSY), and its folder may be read-only (EROFS, EACCES). */
function writeInPlace(path: string, beside: string, text: string): Error | undefined {
  try {
    rmSync(beside, { force: true })
  } catch {
    // The folder does not let us write: then there is nothing to remove.
  }
  try {
    writeFileSync(path, text)
    return undefined
  } catch (error) {
    return error as Error
  }
}
