// Writes a report to each path that it is given, if the option allows it, and prints what went wrong, as JSON.
import process from 'node:process'
import { writeReportFile } from '../../lib/report/report-file.ts'
import { checkOptions } from '../../lib/shutdown/options/check-options.ts'
import { sampleReport } from './sample-report.ts'

const errors = process.argv.slice(2).map((reportFile) => {
  checkOptions({ reportFile })
  return writeReportFile(reportFile, sampleReport())?.message ?? null
})
console.log(JSON.stringify(errors))
