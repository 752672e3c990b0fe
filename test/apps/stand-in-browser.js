#!/usr/bin/env node
// Speaks as much of a browser's protocol, on descriptors 3 and 4, as Puppeteer asks for before it says that one runs.
import { createReadStream, createWriteStream } from 'node:fs'

const answers = {
  'Browser.getVersion': { protocolVersion: '1.3', product: 'Chrome/120', revision: '', userAgent: '', jsVersion: '' },
  'Target.getBrowserContexts': { browserContextIds: [] },
}
const out = createWriteStream('', { fd: 4 })
let text = ''
createReadStream('', { fd: 3, encoding: 'utf8' }).on('data', (chunk) => {
  const messages = (text + chunk).split('\0')
  text = messages.pop()
  for (const message of messages) {
    const { id, method } = JSON.parse(message)
    out.write(`${JSON.stringify({ id, result: answers[method] ?? {} })}\0`)
  }
})
