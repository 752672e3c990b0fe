import * as assert from 'uvu/assert'
import type { LameDuckReport } from '../../lib/hooks/traffic-report.ts'
import { lameDuckText } from '../../lib/report/sentences/lame-duck.ts'
import { test } from '../support/suite.ts'
import { sampleLameDuck } from './sample-report.ts'

const sources = { speaking: 0, gone: 0, rare: 0, overflow: false }
const said: [Partial<LameDuckReport>, string][] = [
  [{}, 'lame duck 4.6 s (of 10 s: 3 sources, all silent)'],
  [{ seconds: 4, sources }, 'lame duck 4 s (of 10 s: nobody sent anything)'],
  [
    { ended: 'time', seconds: 10, blockedBy: 'rare', sources: { ...sources, rare: 41 } },
    'lame duck 10 s (41 sources too rare to judge)',
  ],
  [
    { ended: 'time', seconds: 10, blockedBy: 'untold', untoldAtEnd: 1 },
    'lame duck 10 s (1 connection that could not be told of the end)',
  ],
  [{ ended: 'time', seconds: 10, blockedBy: 'traffic' }, 'lame duck 10 s (somebody sent until shortly before)'],
  [
    { ended: 'limit', seconds: 11.6, stillSending: [{ address: '10.0.3.7', connections: 32 }] },
    'lame duck 11.6 s (the ceiling: 10.0.3.7 opened 32 connections; a longer grace period would help)',
  ],
  [
    { ended: 'time', seconds: 3.6, blockedBy: 'traffic', connections: 0, requests: 0 },
    'lame duck 3.6 s (too short to tell whether nobody will come)',
  ],
  [{ ended: 'time', seconds: 2, why: 'an uncaught error came' }, 'lame duck 2 s (an uncaught error came)'],
  [{ ended: 'skipped', why: 'nothing was serving' }, 'no lame duck (nothing was serving)'],
]

for (const [changes, text] of said) test(text, () => assert.is(lameDuckText(sampleLameDuck(changes)), text))
