export { type ExecOptions, exec } from './exec.ts'
export { type HttpGetOptions, httpGet } from './http-get.ts'
export { allOf, oneAfterAnother } from './several.ts'
export { sleep } from './sleep.ts'
