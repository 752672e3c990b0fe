// A forked program without lastcall: it says every message, and ends a moment after SIGTERM.
process.on('message', (message) => console.log(`heard ${JSON.stringify(message)}`))
process.on('SIGTERM', () => setTimeout(() => process.exit(0), 200))
console.log('ready')
