'use strict';
// A member of a group, by KafkaJS. Prints what it owns and gets, each line with the time of the monotonic clock:
//   NANOS assigned PARTITION... | NANOS revoked | NANOS record PARTITION OFFSET
// Usage: node member.js BOOTSTRAP GROUP TOPIC SESSION-TIMEOUT-MS. SIGTERM makes it leave.
const { Kafka, logLevel } = require('kafkajs');

const [bootstrap, groupId, topic, sessionTimeout] = process.argv.slice(2);
const say = (...words) => process.stdout.write(`${process.hrtime.bigint()} ${words.join(' ')}\n`);

const kafka = new Kafka({
  clientId: 'kafkajs',
  brokers: [bootstrap],
  logLevel: logLevel.ERROR,
  retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 100 },
});
const consumer = kafka.consumer({
  groupId,
  sessionTimeout: Number(sessionTimeout),
  rebalanceTimeout: 10000,
  heartbeatInterval: 300,
  maxWaitTimeInMs: 200,
});
consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
  say('assigned', ...(payload.memberAssignment[topic] ?? [])));
consumer.on(consumer.events.REBALANCING, () => say('revoked'));

process.on('SIGTERM', async () => {
  say('revoked');
  await consumer.disconnect();
  // What is printed to a pipe that is full waits in this process.
  process.stdout.write('', () => process.exit(0));
});

(async () => {
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommitInterval: 200,
    eachMessage: async ({ partition, message }) => say('record', partition, message.offset),
  });
})().catch((e) => {
  console.error(e);
  process.exit(1);
});
