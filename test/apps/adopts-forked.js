// Adopts a fork of `forked.js`, or of a program without lastcall that says every message; both end at SIGTERM.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown({ terminationGracePeriodSeconds: 20, logger: () => {} })
const file = fileURLToPath(new URL(process.argv[2], import.meta.url))
shutdown.adopt('forked', fork(file), { stopTimeoutMs: 4_000 })
setInterval(() => {}, 1000)
