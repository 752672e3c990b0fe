// A child: says that it listens, takes the ms of the argument to clean up after SIGTERM, and says so.
const ms = Number(process.argv[2] ?? 50)
process.on('SIGTERM', () => {
  console.log('told')
  setTimeout(() => {
    console.log('cleaned up')
    process.exit(0)
  }, ms)
})
process.on('message', (message) => process.send({ echo: message }))
setInterval(() => {}, 1000)
console.log('listens')
process.send?.('ready')
