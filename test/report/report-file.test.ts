import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import * as assert from 'uvu/assert'
import { writeReportFile } from '../../lib/report/report-file.ts'
import { can } from '../support/can.ts'
import { type TestContext, test } from '../support/suite.ts'
import { sampleReport } from './sample-report.ts'

const report = sampleReport()
const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'lastcall-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('a report is written as JSON, replaces an older one, and leaves nothing beside it', (t) => {
  const path = join(folder(t), 'report.json')
  writeFileSync(path, 'old'.repeat(10_000))
  assert.is(writeReportFile(path, report), undefined)
  assert.equal(read(path), report)
  assert.equal(readdirSync(join(path, '..')), ['report.json'])
})

test('a reader never sees half a report: the file that was there stays whole until it is replaced', (t) => {
  const path = join(folder(t), 'report.json')
  writeFileSync(path, 'old')
  // A second name of the old file keeps its content only if the new one is another file.
  execFileSync('ln', [path, `${path}.old`])
  writeReportFile(path, report)
  assert.is(readFileSync(`${path}.old`, 'utf8'), 'old')
})

test('a link that waits where the new file is made is not followed', (t) => {
  const path = join(folder(t), 'report.json')
  const victim = join(folder(t), 'victim')
  writeFileSync(victim, 'mine')
  symlinkSync(victim, `${path}.${process.pid}.main.tmp`)
  assert.is(writeReportFile(path, report), undefined)
  assert.is(readFileSync(victim, 'utf8'), 'mine')
  assert.equal(read(path), report)
})

test('a folder that does not exist is an error that is returned, not thrown', (t) => {
  const error = writeReportFile(join(folder(t), 'absent', 'report.json'), report)
  assert.match(error?.message ?? '', /ENOENT/)
})

test('a folder in the place of the file is an error, and nothing is left beside it', (t) => {
  const parent = folder(t)
  mkdirSync(join(parent, 'report.json'))
  assert.match(writeReportFile(join(parent, 'report.json'), report)?.message ?? '', /EISDIR/)
  assert.equal(readdirSync(parent), ['report.json'])
})

test(
  'a file that is mounted by itself, and one in a read-only folder, are written in place',
  (t) => {
    const [source, mounted, readOnly] = [join(folder(t), 'source'), folder(t), folder(t)]
    writeFileSync(source, 'old')
    for (const parent of [mounted, readOnly]) writeFileSync(join(parent, 'report.json'), 'old')
    const program = new URL('writes-report-file.ts', import.meta.url).pathname
    // A mount namespace of its own: what is mounted there ends with it.
    const script = `mount --bind "$SOURCE" "$MOUNTED/report.json" &&
      mount --bind "$READ_ONLY" "$READ_ONLY" && mount --bind "$READ_ONLY/report.json" "$READ_ONLY/report.json" &&
      mount -o remount,bind,ro "$READ_ONLY" &&
      exec "$NODE" --import tsx "$PROGRAM" "$MOUNTED/report.json" "$READ_ONLY/report.json"`
    const said = execFileSync('unshare', ['--mount', 'sh', '-c', script], {
      env: {
        ...process.env,
        SOURCE: source,
        MOUNTED: mounted,
        READ_ONLY: readOnly,
        NODE: process.execPath,
        PROGRAM: program,
      },
      encoding: 'utf8',
    })
    assert.equal(JSON.parse(said), [null, null])
    assert.equal(read(source), report)
    assert.equal(read(join(readOnly, 'report.json')), report)
    assert.equal(readdirSync(mounted), ['report.json'])
  },
  { skip: can.pidNamespace() },
)
