import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { importCosts } from '../../bench/import-cost.ts'
import { test } from '../support/suite.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

test(
  'importing lastcall costs about what importing debug does',
  (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'lastcall-import-'))
    t.after(() => rmSync(folder, { recursive: true }))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules/lastcall'))
    symlinkSync(join(root, 'node_modules/debug'), join(folder, 'node_modules/debug'))
    const costs = importCosts(folder, { debug: "import 'debug'", lastcall: "import 'lastcall'" }, 15)
    // Loose: other tests run beside it. `npm run bench -- import` gives the figure.
    const [debug, lastcall] = [costs.debug?.cpuMs ?? 0, costs.lastcall?.cpuMs ?? 0]
    assert.ok(lastcall < 2 * Math.max(debug, 0) + 15, `lastcall ${lastcall} ms of CPU, debug ${debug}`)
  },
  { limitMs: 60_000 },
)
