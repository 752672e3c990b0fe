// Runs the preStop handler that an expression names; `url` is the last argument.
import { createShutdown } from 'lastcall'
import * as prestop from 'lastcall/prestop'
import { given } from './given.js'

const [expression, url] = process.argv.slice(2)
const make = new Function(...Object.keys(prestop), 'url', `return ${expression}`)
createShutdown(given).preStop('leave', make(...Object.values(prestop), url))
setInterval(() => {}, 1000)
console.log('ready')
