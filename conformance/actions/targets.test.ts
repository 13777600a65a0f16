import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect as connectNats } from '@nats-io/transport-node';
import { connect as connectAmqp } from 'amqplib';
import { Redis } from 'ioredis';
import kafkajs from 'kafkajs';
import { connectAsync as connectMqtt } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RunningServer } from '../support/server.ts';
import {
  MOSQUITTO,
  MOTO,
  NATS,
  Program,
  programAt,
  RABBITMQ,
  REDIS,
  type Start,
  stopPortMapper,
  TANSU,
} from './programs.fixture.ts';

/** Each kind of target as it really is: events go through a whole server to a real broker, and are read there with a client of its own. */
let server: RunningServer;
beforeAll(async () => {
  const env = { PORTCULLIS_SERVER_OUTBOUND_PRIVATE: 'allow', PORTCULLIS_SERVER_LOG: 'warn' };
  server = await RunningServer.start({ app: '    channels: [ { target: room/*, nested: true } ]\n', env });
});
afterAll(() => server?.stop());

const closers: (() => unknown)[] = [];
afterEach(async () => {
  const { actions } = await server.must('GET', '/apps/test/actions');
  for (const { name } of actions as { name: string }[]) await server.must('DELETE', `/apps/test/actions/${name}`);
  for (const close of closers.splice(0).reverse()) await close();
});

/** The first event has a client loaded and a connection made. */
const SLOW = { timeout: 40_000 };

let made = 0;
async function listen(target: object, more: object = {}): Promise<string> {
  const name = `listener-${++made}`;
  const retry = { base: '50ms', max: '200ms', attempts: 100 };
  await server.must('POST', '/apps/test/actions', {
    name,
    on: ['event.sent'],
    do: [{ ...target, envelope: 'event', retry, ...more }],
  });
  return name;
}

async function say(...numbers: number[]): Promise<void> {
  for (const n of numbers) await server.must('POST', '/apps/test/events', { channel: 'room/1', data: { n } });
}

const numberIn = (text: string): number => JSON.parse(text).data.message.n;

/** Runs the tests where the program is installed; says which one is missing otherwise. */
function withProgram(name: string, start: Start, tests: (program: () => Program) => void): void {
  const path = programAt(name);
  describe.skipIf(path === undefined)(`${name}${path === undefined ? ' (skipped: it is not installed)' : ''}`, () => {
    let program: Program;
    beforeAll(async () => {
      program = await Program.start(path ?? name, start);
    }, 90_000);
    afterAll(async () => {
      await program?.stop();
      if (start === RABBITMQ) stopPortMapper(program);
    });
    tests(() => program);
  });
}

withProgram('redis-server', REDIS, (program) => {
  test('events are added to a stream in order, also past a broker that went away and came back', async () => {
    await listen({ redis: { url: `redis://127.0.0.1:${program().port}`, stream: 'events' } });
    const client = new Redis(program().port, '127.0.0.1', { retryStrategy: () => 50 });
    client.on('error', () => {});
    closers.push(() => client.disconnect());
    const read = async () =>
      (await client.xrange('events', '-', '+')).map(
        ([, fields]) => [fields[1], numberIn(fields.at(-1) ?? '')] as const,
      );
    await say(1, 2);
    await expect.poll(async () => (await read()).map(([, n]) => n), SLOW).toEqual([1, 2]);
    expect((await read())[0]?.[0]).toMatch(/^evt_/);
    await program().kill();
    await say(3, 4, 5);
    await program().run();
    await expect.poll(async () => (await read()).map(([, n]) => n), SLOW).toEqual([3, 4, 5]);
  });
});

withProgram('nats-server', NATS, (program) => {
  test('events are published under a subject, with JetStream until they are stored', async () => {
    const url = `nats://127.0.0.1:${program().port}`;
    const connection = await connectNats({ servers: `127.0.0.1:${program().port}` });
    closers.push(() => connection.close());
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'KEPT', subjects: ['kept.>'] });
    const got: number[] = [];
    const subscription = connection.subscribe('plain.events');
    void (async () => {
      for await (const message of subscription) got.push(numberIn(message.string()));
    })();
    await connection.flush();
    await listen({ nats: { url, subject: 'plain.events' } });
    await listen({ nats: { url, subject: 'kept.events', jetstream: true } });
    await say(1, 2, 3);
    await expect.poll(() => got, SLOW).toEqual([1, 2, 3]);
    await expect.poll(async () => (await manager.streams.info('KEPT')).state.messages, SLOW).toBe(3);
  });
});

withProgram('mosquitto', MOSQUITTO, (program) => {
  test('events are published to a topic with QoS 1', async () => {
    const url = `mqtt://127.0.0.1:${program().port}`;
    const client = await connectMqtt(url, { protocolVersion: 5 });
    closers.push(() => client.endAsync(true));
    const got: unknown[] = [];
    client.on('message', (topic, payload, { properties }) =>
      got.push([topic, numberIn(String(payload)), properties?.contentType]),
    );
    await client.subscribeAsync('portcullis/events', { qos: 1 });
    await listen({ mqtt: { url, topic: 'portcullis/events' } });
    await say(1, 2);
    await expect
      .poll(() => got, SLOW)
      .toEqual([
        ['portcullis/events', 1, 'application/json'],
        ['portcullis/events', 2, 'application/json'],
      ]);
  });
});

withProgram('rabbitmq-server', RABBITMQ, (program) => {
  test('events are confirmed by the broker; what no queue takes is tried again until one does', async () => {
    const url = `amqp://127.0.0.1:${program().port}`;
    const name = await listen({ amqp: { url, routingKey: 'events' } });
    await say(1, 2);
    const runs = async () =>
      (await server.must('GET', `/apps/test/action-runs?action=${name}`)).runs as { reason?: string }[];
    await expect.poll(async () => (await runs()).at(-1)?.reason, SLOW).toContain('no queue takes it');
    const model = await connectAmqp(url);
    closers.push(() => model.close());
    const channel = await model.createChannel();
    await channel.assertQueue('events', { durable: true });
    const got: unknown[] = [];
    await channel.consume('events', (message) => {
      if (message) got.push([numberIn(message.content.toString()), message.properties.deliveryMode]);
    });
    await expect
      .poll(() => got, SLOW)
      .toEqual([
        [1, 2],
        [2, 2],
      ]);
  }, 60_000);
});

withProgram('tansu', TANSU, (program) => {
  test('events are produced to Kafka under the channel as key', async () => {
    const broker = `127.0.0.1:${program().port}`;
    const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'events', numPartitions: 1, replicationFactor: 1 }] });
    await admin.disconnect();
    await listen({ kafka: { brokers: [broker], topic: 'events', tls: false } });
    await say(1, 2, 3);
    const consumer = kafka.consumer({ groupId: 'test' });
    await consumer.connect();
    closers.push(() => consumer.disconnect());
    await consumer.subscribe({ topic: 'events', fromBeginning: true });
    const got: unknown[] = [];
    await consumer.run({
      eachMessage: async ({ message: { key, value } }) => void got.push([String(key), numberIn(String(value))]),
    });
    await expect
      .poll(() => got, SLOW)
      .toEqual([
        ['room/1', 1],
        ['room/1', 2],
        ['room/1', 3],
      ]);
  }, 60_000);
});

withProgram('moto_server', MOTO, (program) => {
  const run = promisify(execFile);
  const endpoint = () => `http://127.0.0.1:${program().port}`;
  const aws = () => ({
    region: 'eu-west-1',
    endpoint: endpoint(),
    accessKeyId: 'test',
    secretAccessKey: 'test-secret',
  });
  const call = async (service: string, command: string, input: object): Promise<ReturnType<typeof JSON.parse>> => {
    const script = join(import.meta.dirname, 'aws-call.mjs');
    const { stdout } = await run(process.execPath, [script, service, command, endpoint(), JSON.stringify(input)]);
    return JSON.parse(stdout);
  };

  test('events are sent to SQS', async () => {
    const { QueueUrl } = await call('sqs', 'CreateQueue', { QueueName: 'events' });
    await listen({ sqs: { ...aws(), queueUrl: QueueUrl } });
    await say(1, 2);
    const got: number[] = [];
    const more = async () => {
      const { Messages = [] } = await call('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
      got.push(...Messages.map(({ Body }: { Body: string }) => numberIn(Body)));
      return got.length;
    };
    await expect.poll(more, SLOW).toBe(2);
    expect(got.sort()).toEqual([1, 2]);
  }, 60_000);

  test('events are put to Kinesis under the channel as partition key', async () => {
    await call('kinesis', 'CreateStream', { StreamName: 'events', ShardCount: 1 });
    await listen({ kinesis: { ...aws(), stream: 'events' } });
    await say(1, 2);
    const shard = { StreamName: 'events', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' };
    const read = async () => {
      const { ShardIterator } = await call('kinesis', 'GetShardIterator', shard);
      const { Records } = await call('kinesis', 'GetRecords', { ShardIterator });
      return Records.map(({ PartitionKey, Data }: { PartitionKey: string; Data: unknown }) => [
        PartitionKey,
        numberIn(textOf(Data)),
      ]);
    };
    await expect.poll(read, SLOW).toEqual([
      ['room/1', 1],
      ['room/1', 2],
    ]);
  }, 60_000);

  test('events are put to S3 as objects, gathered into one', async () => {
    const Bucket = 'events';
    await call('s3', 'CreateBucket', { Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } });
    await listen({ s3: { ...aws(), bucket: Bucket, prefix: 'app/' } }, { batch: { count: 2, time: '60s' } });
    await say(1, 2);
    const keys = async (): Promise<string[]> =>
      ((await call('s3', 'ListObjectsV2', { Bucket })).Contents ?? []).map(({ Key }: { Key: string }) => Key);
    await expect.poll(async () => (await keys()).length, SLOW).toBe(1);
    const [Key = ''] = await keys();
    expect(Key).toMatch(/^app\/\d{4}\/\d{2}\/\d{2}\/\d{2}\/evt_.+\.2\.json$/);
    const events = JSON.parse((await call('s3', 'GetObject', { Bucket, Key })).Body);
    expect(events.map((event: { data: { message: unknown } }) => event.data.message)).toEqual([{ n: 1 }, { n: 2 }]);
  }, 60_000);
});

/** Bytes went through JSON as an object of numbers. */
function textOf(data: unknown): string {
  return Buffer.from(Object.values(data as object) as number[]).toString();
}

test('a client that is not installed is named, and the events wait', async () => {
  const { loadClient } = await import('../../packages/automation/src/actions/send/load-client.ts');
  const missing = () => import('portcullis-no-such-client' as string);
  await expect(loadClient('portcullis-no-such-client', missing)).rejects.toThrow(
    'npm install portcullis-no-such-client',
  );
});
