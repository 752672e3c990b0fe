import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { redisIsAbsent, startRedis } from '../../support/redis.ts'
import { testStops } from './stops.ts'

testStops(
  'BullMQ worker',
  async (t) => {
    const { socket: path } = await startRedis(t)
    const redis = new Redis({ path })
    t.after(() => redis.disconnect())
    const connection = { path, maxRetriesPerRequest: null }
    const withQueue = async <T>(name: string, use: (queue: Queue) => Promise<T>): Promise<T> => {
      const queue = new Queue(name, { connection })
      const result = await use(queue)
      await queue.close()
      return result
    }
    return {
      app: 'works-bullmq',
      args: (queue) => [path, queue],
      add: (name, jobs) => withQueue(name, (queue) => queue.addBulk(jobs.map((data) => ({ name: 'job', data })))),
      notes: (queue) => redis.lrange(`log:${queue}`, 0, -1),
      finish: async (queue, isOver) => {
        const rest = async ({ data }: { data: { id: number } }): Promise<void> => {
          await redis.rpush(`log:${queue}`, `start ${data.id}`, `done ${data.id}`)
        }
        const worker = new Worker(queue, rest, { connection, concurrency: 5 })
        try {
          await isOver()
        } finally {
          await worker.close()
        }
      },
      left: (name) => withQueue(name, (queue) => queue.getFailedCount()),
    }
  },
  redisIsAbsent(),
)
