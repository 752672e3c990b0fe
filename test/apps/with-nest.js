// A Nest service beside lastcall: `hooks` with enableShutdownHooks, `exit` with its useProcessExit, `resource` as the
// docs say. Its own step takes as long as the second argument says.
import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { startService } from './with-tree.js'

const [how, took = '20'] = process.argv.slice(2)
const say = (text) => () => new Promise((done) => setTimeout(() => done(console.log(text)), Number(took)))
const steps = { onModuleDestroy: say('nest destroyed'), onApplicationShutdown: say('nest shut down') }
class App {}
Module({ providers: [{ provide: 'steps', useValue: steps }] })(App)
const shutdown = startService()
const nest = await NestFactory.create(App, { logger: false })
if (how === 'resource') shutdown.resource('nest', nest)
else nest.enableShutdownHooks(undefined, { useProcessExit: how === 'exit' })
await nest.listen(0)
console.log('ready')
