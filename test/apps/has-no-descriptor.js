// Serves with a slow handler on every address; the first request takes all descriptors but as many as it is told to leave.
import { closeSync, openSync } from 'node:fs'
import { createServer } from 'node:http'
import { createShutdown } from 'lastcall'

const taken = []
const takeAll = () => {
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'))
  } catch {
    for (let free = Number(process.argv[2]); free > 0; free--) closeSync(taken.pop())
  }
}
const server = createServer((_, response) => {
  takeAll()
  setTimeout(() => response.end('hello'), 300)
  console.log('full')
})
createShutdown().server(server)
server.listen(0, () => console.log(`ready ${server.address().port}`))
