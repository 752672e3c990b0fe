// Preloaded into a server with --expose-gc: at SIGUSR2 it says what it holds, in bytes.
process.on('SIGUSR2', () => {
  globalThis.gc()
  const { rss, heapUsed, external } = process.memoryUsage()
  console.log(JSON.stringify({ rss, held: heapUsed + external }))
})
