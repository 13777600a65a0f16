import * as v from 'valibot';
import { choice, count, countOrOff, duration, leaf, onOff, size, text } from '../leaf.ts';
import { key, listKey, optionalKey, requiredKey, sectionKey } from '../section.ts';
import { APP_ID } from './forms.ts';
import { amqp, kafka, kinesis, mqtt, name, nats, publish, redis, s3, sqs, webhook } from './targets.ts';

const words = leaf<readonly string[]>('list of event types', (input) => {
  const list = typeof input === 'string' ? [input] : input;
  const right = Array.isArray(list) && list.length > 0 && list.every((word) => typeof word === 'string' && word !== '');
  return right ? { value: list } : { fault: 'expected a list of event types like [access.denied]' };
});

const retry = v.object({
  attempts: key(count('attempts', { min: 1, max: 100 }), 8, 'How often it is tried; then it becomes a dead letter.'),
  base: key(duration({ min: 10, max: 3_600_000 }), '1s', 'Attempt n waits uniform(½, 1) · base · 2ⁿ⁻¹.'),
  max: key(duration({ min: 10, max: 86_400_000 }), '15m', 'The longest wait.'),
});

const batch = v.object({
  count: key(count('events', { min: 1, max: 10_000 }), 100, 'So many are sent at once.'),
  time: key(duration({ min: 10, max: 300_000 }), '5s', 'After so long, fewer are.'),
});

/** One thing that is done. Exactly one of the kinds. */
const step = v.object({
  id: optionalKey(
    text('name', APP_ID),
    'Unique in its listener: what waits is kept under it.',
    'the kind, and its number from the second on',
  ),
  webhook: optionalKey(webhook, 'Post to an endpoint.'),
  publish: optionalKey(publish, 'Publish to a channel.'),
  redis: optionalKey(redis, 'Add to a Redis stream. Needs the package `ioredis`.'),
  nats: optionalKey(
    nats,
    'Publish to NATS. Needs `@nats-io/transport-node`, with `jetstream` also `@nats-io/jetstream`.',
  ),
  amqp: optionalKey(amqp, 'Publish to an AMQP 0-9-1 broker such as RabbitMQ. Needs `amqplib`.'),
  mqtt: optionalKey(mqtt, 'Publish to an MQTT broker. Needs `mqtt`.'),
  kafka: optionalKey(kafka, 'Produce to Kafka. Needs `kafkajs`.'),
  sqs: optionalKey(sqs, 'Send to Amazon SQS. Needs `@aws-sdk/client-sqs`.'),
  kinesis: optionalKey(kinesis, 'Put to Amazon Kinesis. Needs `@aws-sdk/client-kinesis`.'),
  s3: optionalKey(s3, 'Put an object to Amazon S3. Needs `@aws-sdk/client-s3`.'),
  envelope: key(
    choice(['cloudevents', 'event', 'pubnub-1.0', 'pubnub-2.0', 'pubnub-2.1']),
    'cloudevents',
    'How the event is written: CloudEvents 1.0, the event alone, or one of the PubNub forms.',
  ),
  enveloped: key(onOff(), 'off', 'The outer layer of the PubNub forms.'),
  retry: sectionKey(retry, 'What is done when it fails.'),
  batch: optionalKey(batch, 'Gather events.', 'each by itself'),
  timeout: key(duration({ min: 100, max: 300_000 }), '10s', 'How long one attempt may take.'),
  concurrency: key(count('attempts', { min: 1, max: 256 }), 8, 'Attempts at once, each of another channel.'),
});

const basic = v.object({
  field: requiredKey(choice(['channel', 'sender']), 'What is looked at.'),
  condition: requiredKey(choice(['exact', 'contains']), 'How.'),
  value: requiredKey(name('text'), 'For what.'),
});

const filter = v.object({
  basic: optionalKey(basic, 'One comparison.'),
  jsonpath: optionalKey(
    name('JSONPath', 4_096),
    'The PubNub form: `$.[?(@.message.x == 1)]` over `{ channel, uuid, message, meta }`.',
  ),
  cel: optionalKey(name('CEL expression', 4_096), 'A condition on `event`.'),
});

/** A listener as it is written: in the file, and in a request's body. */
export const listenerSchema = v.object({
  name: requiredKey(text('name', APP_ID), 'Unique in the app.'),
  description: key(text('text', { min: 0, max: 1_000 }), '', 'For people.'),
  enabled: key(onOff(), 'on', 'A disabled listener hears nothing; what waits for it waits on.'),
  on: requiredKey(words, 'Event types (docs/events.md), `prefix.*`, or `*`.'),
  filter: optionalKey(filter, 'Which of them; one of `basic`, `jsonpath` and `cel`.', 'all'),
  do: listKey(step, 'What is done with each; every one by itself.'),
});

export const LIMITS_OF_ACTIONS = {
  listeners: key(count('listeners', { min: 0, max: 10_000 }), 100, 'Listeners of the app.'),
  outbox: key(
    count('events', { min: 1, max: 100_000_000 }),
    100_000,
    'Events that wait for one action. Past it newer ones are left out, counted and logged; messages go on.',
  ),
  outboxBytes: key(
    size({ min: 65_536, max: 1_099_511_627_776 }),
    '256MiB',
    'Bytes of the events that wait for one action; past it as with `outbox`.',
  ),
  deadLetters: key(count('letters', { min: 0, max: 10_000_000 }), 10_000, 'Dead letters that are kept; the oldest go.'),
  actionHops: key(count('actions', { min: 0, max: 32 }), 3, 'Actions that may bring one another about by publishing.'),
  deniedEvents: key(
    countOrOff('per second', { min: 1, max: 1_000_000 }),
    100,
    'Refusals that listeners are told of, per second.',
  ),
  deniedPerAddress: key(
    countOrOff('per second', { min: 1, max: 1_000_000 }),
    10,
    'Of those, refusals at the door (of a token, a signature, a connection) from one address, per second. The next that is told says how many were left out.',
  ),
};
