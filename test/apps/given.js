// The options that the test gave, and where it will look for the report.
export const given = {
  reportFile: process.env.LASTCALL_TEST_REPORT,
  ...JSON.parse(process.env.LASTCALL_TEST_OPTIONS ?? '{}'),
}
