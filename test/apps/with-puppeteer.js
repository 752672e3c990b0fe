// What Puppeteer starts browsers with, beside lastcall; any program will do: it listens to signals (`default`), or the
// browser is adopted, as the docs say (`adopt`).
import { launch } from '@puppeteer/browsers'
import { startService } from './with-tree.js'

const adopts = process.argv[2] === 'adopt'
const shutdown = startService()
const off = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false }
const browser = launch({ executablePath: '/bin/sleep', args: ['61'], ...(adopts && off) })
browser.nodeProcess.on('exit', (code, signal) => console.log(`browser ended ${signal ?? code}`))
if (adopts) shutdown.adopt('browser', browser.nodeProcess)
const look = () => console.log(`in drain the browser ${browser.nodeProcess.signalCode ? 'is gone' : 'lives'}`)
shutdown.hook('uses it', () => new Promise((done) => setTimeout(done, 100)).then(look), { phase: 'drain' })
console.log('ready')
