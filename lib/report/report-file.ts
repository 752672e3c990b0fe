import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Report } from './report.ts'

/**
 * Writes the report as JSON, whole or not at all: a reader never sees half of one. Synchronous, since an `exit`
 * listener calls it. Two threads may write side by side: `by` keeps them apart. Returns what went wrong; never throws.
 */
export function writeReportFile(path: string, report: Report, by = 'main'): Error | undefined {
  const text = `${JSON.stringify(report, null, 2)}\n`
  // Beside the file, because a rename works only within one file system.
  const beside = `${path}.${process.pid}.${by}.tmp`
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

/** The process ends with another code than the report tells. */
export function correctExitCode(path: string, exitCode: number): void {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Report
    writeReportFile(path, { ...report, exitCode }, 'watchdog')
  } catch {
    // Taken away by somebody: then there is nothing to correct.
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
