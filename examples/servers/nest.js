// node examples/servers/nest.js, then curl localhost:8080 in another terminal, and Ctrl-C before it is answered.
// Watch: the answer comes, then Nest's own hooks run. Leave enableShutdownHooks() out: Nest would end the process itself.
import 'reflect-metadata'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()

class Greeter {
  async greet() {
    await sleep(1000)
    console.log('answering')
    return 'hello\n'
  }

  onApplicationShutdown() {
    console.log('onApplicationShutdown of Nest')
  }
}
class App {}
// What @Controller(), @Get() and @Module() do in TypeScript.
Controller()(Greeter)
Get()(Greeter.prototype, 'greet', Object.getOwnPropertyDescriptor(Greeter.prototype, 'greet'))
Module({ controllers: [Greeter] })(App)

const nest = await NestFactory.create(App, { logger: ['error', 'warn'] })
shutdown.server(nest) // drains its server, then calls nest.close()
await nest.listen(process.env.PORT ?? 8080)
console.log(`ready on port ${nest.getHttpServer().address().port}`)
