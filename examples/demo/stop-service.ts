import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { Report } from '../../lib/report/report.ts'

export interface ServiceEnd {
  readonly code: number | null
  readonly report: Report
  /** What the client of the request in flight got. */
  readonly answer: number | string | undefined
}

/** Runs service.js, stops it by SIGTERM while a request is in flight, and returns its report. */
export async function stopService(graceSeconds: number): Promise<ServiceEnd> {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-demo-'))
  const reportFile = join(folder, 'report.json')
  const service = spawn(process.execPath, [fileURLToPath(new URL('service.js', import.meta.url)), reportFile], {
    env: { ...process.env, TERMINATION_GRACE_PERIOD_SECONDS: String(graceSeconds) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const killOnExit = (): boolean => service.kill('SIGKILL')
  process.once('exit', killOnExit)
  try {
    const ended = new Promise<number | null>((resolve) => service.once('exit', resolve))
    let answer: ServiceEnd['answer']
    let said = ''
    for await (const text of service.stdout.setEncoding('utf8')) {
      said += text
      const port = /listening on (\d+)\n/.exec(said)?.[1]
      if (port && answer === undefined) {
        answer = 'no answer'
        get({ port, host: '127.0.0.1', agent: false }, (response) => {
          answer = response.resume().statusCode
        }).on('error', (error: NodeJS.ErrnoException) => {
          answer = error.code
        })
      }
      if (said.includes('a request came') && !service.killed) service.kill('SIGTERM')
    }
    const code = await ended
    return { code, report: JSON.parse(readFileSync(reportFile, 'utf8')) as Report, answer }
  } finally {
    process.off('exit', killOnExit)
    service.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}
