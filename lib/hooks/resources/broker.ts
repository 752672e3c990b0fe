import { callAndWait } from './call-and-wait.ts'
import type { Shape } from './shape.ts'
import { call, can, has, ignoreErrors, inside, isThing } from './thing.ts'

const amqpConnection: Shape = {
  what: 'amqplib connection',
  how: 'connection.close()',
  forced: 'destroys its socket',
  looksLike: (connection) => can(connection, 'createChannel', 'createConfirmChannel', 'close'),
  close: (connection) => callAndWait(connection, 'close'),
  force: (connection) => {
    ignoreErrors(connection)
    const socket = inside(connection, 'connection', 'stream')
    if (isThing(socket) && can(socket, 'destroy')) call(socket, 'destroy')
  },
}

const amqpConfirmChannel: Shape = {
  what: 'amqplib ConfirmChannel',
  how: 'channel.waitForConfirms(), channel.close()',
  looksLike: (channel) => can(channel, 'assertQueue', 'ack', 'waitForConfirms', 'close'),
  close: async (channel) => {
    // A message that the broker refused is an error to report, and no reason to keep the channel.
    try {
      await callAndWait(channel, 'waitForConfirms')
    } finally {
      await callAndWait(channel, 'close')
    }
  },
}

const amqpChannel: Shape = {
  what: 'amqplib Channel',
  how: 'channel.close()',
  looksLike: (channel) => can(channel, 'assertQueue', 'ack', 'close'),
  close: (channel) => callAndWait(channel, 'close'),
}

const nats: Shape = {
  what: 'nats connection',
  how: 'connection.drain()',
  forced: 'connection.close()',
  looksLike: (connection) => can(connection, 'publish', 'subscribe', 'drain', 'isDraining', 'close'),
  close: (connection) => call(connection, 'drain'),
  force: (connection) => call(connection, 'close'),
}

const kafka: Shape = {
  what: 'kafkajs producer, consumer, admin',
  how: 'disconnect()',
  looksLike: (client) => can(client, 'connect', 'disconnect', 'on', 'logger') && has(client, 'events'),
  close: (client) => call(client, 'disconnect'),
}

const pgBoss: Shape = {
  what: 'pg-boss',
  // Its graceful stop looks every half a second whether its jobs are done: shutdown.consumer has seen to that.
  how: 'boss.stop({ graceful: false })',
  looksLike: (boss) => can(boss, 'work', 'offWork', 'send', 'stop'),
  close: (boss) => call(boss, 'stop', { graceful: false }),
}

export const BROKERS: readonly Shape[] = [amqpConnection, amqpConfirmChannel, amqpChannel, nats, kafka, pgBoss]
