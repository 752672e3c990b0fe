// Puppeteer beside lastcall: it listens to signals (`default`), or the browser is adopted, as the docs say (`adopt`).
import { fileURLToPath } from 'node:url'
import puppeteer from 'puppeteer-core'
import { startService } from './with-tree.js'

const adopts = process.argv[2] === 'adopt'
const shutdown = startService()
const off = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false }
const executablePath = fileURLToPath(new URL('stand-in-browser.js', import.meta.url))
const browser = await puppeteer.launch({ executablePath, pipe: true, waitForInitialPage: false, ...(adopts && off) })
const child = browser.process()
child.on('exit', (code, signal) => console.log(`browser ended ${signal ?? code}`))
if (adopts) shutdown.adopt('browser', child)
const look = () => console.log(`in drain the browser ${child.signalCode ? 'is gone' : 'lives'}`)
shutdown.hook('uses it', () => new Promise((done) => setTimeout(done, 100)).then(look), { phase: 'drain' })
console.log('ready')
