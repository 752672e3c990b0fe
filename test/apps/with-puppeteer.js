// What Puppeteer starts browsers with, beside lastcall; any program will do: it listens to signals (`default`), or the
// browser is adopted, as the docs say (`adopt`).
import { launch } from '@puppeteer/browsers'
import { startService } from './with-tree.js'

const adopts = process.argv[2] === 'adopt'
const shutdown = startService(200)
const off = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false }
const browser = launch({ executablePath: '/bin/sleep', args: ['61'], ...(adopts && off) })
browser.nodeProcess.on('exit', (code, signal) => console.log(`browser ended ${signal ?? code}`))
if (adopts) shutdown.adopt('browser', browser.nodeProcess)
shutdown.hook('uses the browser', () => console.log(`browser ${browser.nodeProcess.signalCode ?? 'lives'}`), { phase: 'drain' })
console.log('ready')
