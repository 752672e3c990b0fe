// Writes a report to each path that it is given, and prints what went wrong, as JSON.
import process from 'node:process'
import { writeReportFile } from '../../lib/report/report-file.ts'
import { sampleReport } from './sample-report.ts'

const errors = process.argv.slice(2).map((path) => writeReportFile(path, sampleReport())?.message ?? null)
console.log(JSON.stringify(errors))
