import * as v from 'valibot';
import { choice, count, duration, leaf, onOff, text, url } from '../leaf.ts';
import { isRecord, key, optionalKey, requiredKey } from '../section.ts';

const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;
const RESERVED = new Set(['host', 'content-length', 'content-type', 'connection', 'transfer-encoding', 'user-agent']);

const headers = leaf<Readonly<Record<string, string>>>('headers and their values', (input) => {
  if (!isRecord(input)) return { fault: 'expected headers and their values' };
  for (const [name, value] of Object.entries(input)) {
    if (!HEADER.test(name) || typeof value !== 'string' || !/^[\t\x20-\x7e]*$/.test(value)) {
      return { fault: `"${name.slice(0, 64)}" is no header` };
    }
    const plain = name.toLowerCase();
    if (RESERVED.has(plain) || plain.startsWith('webhook-'))
      return { fault: `the header "${name}" is set by the server` };
  }
  return { value: input as Readonly<Record<string, string>> };
});

const brokers = leaf<readonly string[]>('list of host:port', (input) => {
  const list = typeof input === 'string' ? [input] : input;
  const right =
    Array.isArray(list) &&
    list.length > 0 &&
    list.every((one) => typeof one === 'string' && /^[^\s:/]+:\d{1,5}$/.test(one));
  return right ? { value: list as readonly string[] } : { fault: 'expected a list like [kafka-1:9092]' };
});

const address = (shape: string, schemes: RegExp) =>
  leaf<string>(shape, (input) => {
    const fits = typeof input === 'string' && input.length <= 2_048 && schemes.test(input) && URL.canParse(input);
    return fits ? { value: input } : { fault: `expected ${shape}` };
  });

/** A text that names something. */
export const name = (shape: string, max = 1_024) => text(shape, { max });
const user = optionalKey(name('name', 256), 'Who the server is to the target.');
const password = optionalKey(text('secret'), 'The password of `user`.');

export const webhook = v.object({
  url: requiredKey(url(), 'Where events are posted to.'),
  secret: requiredKey(text('secret', { max: 512 }), 'Signs what is posted (Standard Webhooks): `whsec_` and base64.'),
  headers: optionalKey(
    headers,
    'Headers beside those of the signature; they go to this address alone, not along redirects to others.',
  ),
  redirects: key(count('redirects', { min: 0, max: 3 }), 3, 'Redirects that are followed.'),
});

export const publish = v.object({
  channel: requiredKey(name('channel', 255), 'Where it is published, as a server event.'),
  data: optionalKey(name('CEL expression', 4_096), 'Makes the payload of `event`.', 'the event as it is'),
});

export const redis = v.object({
  url: requiredKey(address('an address like redis://host:6379', /^rediss?:\/\//i), 'The server.'),
  stream: requiredKey(name('key'), 'The stream that entries are added to.'),
  maxLength: optionalKey(
    count('entries', { min: 1, max: 1_000_000_000 }),
    'About how many entries the stream keeps.',
    'all',
  ),
});

export const nats = v.object({
  url: requiredKey(address('an address like nats://host:4222', /^(?:nats|tls):\/\//i), 'The server.'),
  subject: requiredKey(name('subject'), 'What it is published under.'),
  jetstream: key(onOff(), 'off', 'Hand it to JetStream, and wait until it is stored there.'),
  user,
  password,
  token: optionalKey(text('secret'), 'A token instead of a user.'),
});

export const amqp = v.object({
  url: requiredKey(address('an address like amqps://host/vhost', /^amqps?:\/\//i), 'The broker and its virtual host.'),
  exchange: key(text('exchange', { min: 0, max: 255 }), '', 'Empty: the default exchange.'),
  routingKey: requiredKey(name('routing key', 255), 'With the default exchange: the queue.'),
  persistent: key(onOff(), 'on', 'Messages outlive a restart of the broker.'),
  ttl: optionalKey(
    duration({ min: 1, max: 2_147_483_647 }),
    'How long a message may wait in a queue.',
    'as the queue says',
  ),
});

export const mqtt = v.object({
  url: requiredKey(address('an address like mqtts://host:8883', /^(?:mqtts?|wss?):\/\//i), 'The broker.'),
  topic: requiredKey(name('topic'), 'What it is published to.'),
  qos: key(count('0, 1 or 2', { min: 0, max: 2 }), 1, 'Quality of service.'),
  retain: key(onOff(), 'off', 'The broker keeps the newest for those who come later.'),
  user,
  password,
});

export const kafka = v.object({
  brokers: requiredKey(brokers, 'Where the cluster is first asked.'),
  topic: requiredKey(name('topic', 249), 'What it is produced to.'),
  key: optionalKey(name('key'), 'The key of every record.', 'the event’s channel'),
  tls: key(onOff(), 'on', 'Connect with TLS.'),
  sasl: optionalKey(choice(['plain', 'scram-sha-256', 'scram-sha-512']), 'How `user` and `password` are proved.'),
  user,
  password,
});

const aws = {
  region: requiredKey(name('region', 64), 'The region.'),
  endpoint: optionalKey(url(), 'Instead of the region’s own.'),
  accessKeyId: optionalKey(name('key id', 256), 'The key.', 'found as the vendor’s client finds it'),
  secretAccessKey: optionalKey(text('secret'), 'The key’s secret.'),
  role: optionalKey(name('role', 2_048), 'A role to assume, with the subscribe key as external id.'),
};
export const sqs = v.object({ queueUrl: requiredKey(url(), 'The queue; a standard one.'), ...aws });
export const kinesis = v.object({
  stream: requiredKey(name('stream', 128), 'The stream.'),
  partitionKey: optionalKey(name('key', 256), 'Of every record.', 'the event’s channel'),
  ...aws,
});
export const s3 = v.object({
  bucket: requiredKey(name('bucket', 63), 'The bucket.'),
  prefix: key(text('prefix', { min: 0, max: 512 }), '', 'What the keys of objects begin with.'),
  ...aws,
});
