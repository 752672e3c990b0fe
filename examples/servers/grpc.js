// node examples/servers/grpc.js, then call /Greeter/greet with any client, and Ctrl-C before it is answered.
// Watch: the call in flight is answered, and the database closes after it.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()

const server = new Server()
shutdown.server(server)
shutdown.hook('database', () => console.log('the database closes'))

// What @grpc/proto-loader makes of a .proto file.
const text = { serialize: (value) => Buffer.from(value), deserialize: (bytes) => bytes.toString() }
const greet = {
  ...{ path: '/Greeter/greet', requestStream: false, responseStream: false },
  ...{ requestSerialize: text.serialize, requestDeserialize: text.deserialize },
  ...{ responseSerialize: text.serialize, responseDeserialize: text.deserialize },
}
server.addService(
  { greet },
  {
    greet: async ({ request }, answer) => {
      console.log(`${request} asks`)
      await sleep(1000)
      console.log('answering')
      answer(null, `hello ${request}`)
    },
  },
)
server.bindAsync(`127.0.0.1:${process.env.PORT ?? 8080}`, ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  console.log(`ready on port ${port}`)
})
