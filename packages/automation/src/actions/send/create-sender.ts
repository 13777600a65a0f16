import type { Clock, EngineApi } from '@portcullis/engine';
import type { Expression, Language } from '../../cel/index.ts';
import type { Post, Reach } from '../../outbound/index.ts';
import { EVENT_NAMES } from '../filter/filter.ts';
import type { ActionSpec, PublishTarget } from '../spec.ts';
import { AmqpSender } from './amqp.ts';
import { KafkaSender } from './kafka.ts';
import { KinesisSender } from './kinesis.ts';
import { MqttSender } from './mqtt.ts';
import { NatsSender } from './nats.ts';
import { PublishSender } from './publish.ts';
import { RedisSender } from './redis.ts';
import { S3Sender } from './s3.ts';
import type { Sender } from './sender.ts';
import { SqsSender } from './sqs.ts';
import { WebhookSender } from './webhook.ts';

export interface SenderDeps {
  readonly clock: Clock;
  readonly post: Post;
  readonly reach: Reach;
  readonly language: Language;
  /** Asked when something is published: there is none yet while things are put together. */
  readonly engine: () => Pick<EngineApi, 'event'>;
}

export interface SenderOptions {
  readonly app: string;
  readonly listener: string;
  readonly subscribeKey: string;
  readonly spec: ActionSpec;
  readonly hops: () => number;
}

export function createSender(options: SenderOptions, deps: SenderDeps): Sender {
  const { target, timeout } = options.spec;
  switch (target.kind) {
    case 'webhook':
      return new WebhookSender(target.to, { post: deps.post, clock: deps.clock, timeout });
    case 'publish':
      return publisher(target.to, options, deps);
    case 'redis':
      return new RedisSender(target.to, deps.reach);
    case 'nats':
      return new NatsSender(target.to, deps.reach);
    case 'amqp':
      return new AmqpSender(target.to, deps.reach);
    case 'mqtt':
      return new MqttSender(target.to, deps.reach);
    case 'kafka':
      return new KafkaSender(target.to, deps.reach);
    case 'sqs':
      return new SqsSender(target.to, deps.reach, options.subscribeKey);
    case 'kinesis':
      return new KinesisSender(target.to, deps.reach, options.subscribeKey);
    case 's3':
      return new S3Sender(target.to, deps.reach, options.subscribeKey);
  }
}

function publisher(target: PublishTarget, { app, listener, hops }: SenderOptions, deps: SenderDeps): Sender {
  const engine = { event: (event: Parameters<EngineApi['event']>[0]) => deps.engine().event(event) };
  return new PublishSender({ app, listener, target, data: payloadOf(target, deps.language), hops, engine });
}

function payloadOf({ data }: PublishTarget, language: Language): Expression | null {
  if (data === undefined) return null;
  const compiled = language.compile(data, EVENT_NAMES);
  if (!compiled.ok) throw new Error(`the payload of an action cannot be made: ${compiled.problem.message}`);
  return compiled.expression;
}
