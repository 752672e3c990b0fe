// Apollo Server beside lastcall, with its own listeners (`default`), or without them, as the docs say (`resource`).
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { startService } from './with-tree.js'

const shutdown = startService()
const apollo = new ApolloServer({
  typeDefs: 'type Query { hello: String }',
  plugins: [{ serverWillStart: async () => ({ serverWillStop: async () => console.log('apollo stopped') }) }],
  ...(process.argv[2] === 'resource' && { stopOnTerminationSignals: false }),
})
await startStandaloneServer(apollo, { listen: { port: 0 } })
if (process.argv[2] === 'resource') shutdown.hook('apollo', () => apollo.stop(), { phase: 'drain' })
console.log('ready')
