import * as assert from 'uvu/assert'
import { isUnread } from '../../../lib/serving/http1/unread.ts'
import { TCP_STATE } from '../../../lib/serving/sockets/kernel-sockets.ts'
import { test } from '../../support/suite.ts'

test('an end that a vanished client does not acknowledge holds nobody up; a byte that it has not read does', () => {
  const { established, closeWait, finWait1 } = TCP_STATE
  const rows = [
    [established, 0, false],
    [established, 1, true],
    [closeWait, 1, true],
    [finWait1, 1, false],
    [finWait1, 2, true],
  ] as const
  for (const [state, unacknowledged, unread] of rows) {
    assert.is(isUnread({ state, unacknowledged }), unread, `${state}, ${unacknowledged}`)
  }
})
