import { createServer } from 'node:http'
import * as assert from 'uvu/assert'
import { shutdownHere } from '../support/serving.ts'
import { test } from '../support/suite.ts'

test('what is no server is refused, with what to write instead', (t) => {
  const shutdown = shutdownHere(t)
  const refusal = (...given: unknown[]): string => {
    try {
      Reflect.apply(shutdown.server, shutdown, given)
      return 'taken'
    } catch (error) {
      return (error as Error).message
    }
  }
  assert.match(
    refusal('web', createServer()),
    /got "web"\. A name is an option: shutdown\.server\(server, \{ name: "web" \}\)/,
  )
  assert.match(refusal(Promise.resolve(createServer())), /got a promise\. Await it first/)
  assert.match(
    refusal(() => {}),
    /Looked for: a server of node:http.*Write shutdown\.server\(app\.listen\(8080\)\)/,
  )
  assert.match(refusal({ port: 8080 }), /got \{ port: 8080 \}/)
})
