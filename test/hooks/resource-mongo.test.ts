import { MongoClient } from 'mongodb'
import { Mongoose } from 'mongoose'
import * as assert from 'uvu/assert'
import { closeResource, findCloser } from '../../lib/hooks/resource.ts'
import { hookContext } from '../support/hook-context.ts'
import { startMongoServer } from '../support/mongo-server.ts'
import { test } from '../support/suite.ts'

type Opened = { readonly thing: unknown; readonly ping: () => Promise<unknown> }

// With a declared API version the driver speaks the current protocol from its first message on.
const options = { serverApi: '1' } as const

const kinds: Readonly<Record<string, (url: string) => Promise<Opened>>> = {
  'mongodb MongoClient': async (url) => {
    const client = new MongoClient(url, options)
    await client.connect()
    return { thing: client, ping: () => client.db('test').command({ ping: 1 }) }
  },
  mongoose: async (url) => {
    const mongoose = new Mongoose()
    await mongoose.connect(url, options)
    return { thing: mongoose, ping: async () => mongoose.connection.db?.command({ ping: 1 }) }
  },
  'mongoose Connection': async (url) => {
    const connection = await new Mongoose().createConnection(url, options).asPromise()
    return { thing: connection, ping: async () => connection.db?.command({ ping: 1 }) }
  },
}

for (const [kind, open] of Object.entries(kinds)) {
  test(`${kind}: an operation in flight finishes before the close, and one that hangs is cut off at the limit`, async (t) => {
    const { url, nextPing } = await startMongoServer(t)
    const graceful = await open(url)
    const closer = findCloser('db', graceful.thing)
    assert.match(closer.how, /once its operations have ended$/)
    const arrived = nextPing()
    const answered = graceful.ping()
    const answer = await arrived
    const closed = closeResource(closer, hookContext().context)
    answer()
    await answered
    await closed
    await closeResource(closer, hookContext().context) // closed already, and that is fine

    const hanging = await open(url)
    const arrivedToo = nextPing()
    const cut = hanging.ping().then(
      () => 'answered',
      () => 'cut off',
    )
    await arrivedToo
    const { context, reachLimit } = hookContext()
    const late = closeResource(findCloser('db', hanging.thing), context).catch((error: Error) => error.name)
    reachLimit()
    assert.equal([await late, await cut], ['TimeoutError', 'cut off'])
  })
}

test('a client that never connected is closed at once', async () => {
  await closeResource(findCloser('db', new MongoClient('mongodb://127.0.0.1:1')), hookContext().context)
  await closeResource(findCloser('db', new Mongoose()), hookContext().context)
})
