/** Which events of a type a listener takes. */
export type FilterSpec =
  | { readonly basic: BasicFilter }
  /** The vendor's: `$.[?( … )]` over `{ channel, uuid, message, meta }`. */
  | { readonly jsonpath: string }
  /** A condition on `event`. */
  | { readonly cel: string };

export interface BasicFilter {
  readonly field: 'channel' | 'sender';
  readonly condition: 'exact' | 'contains';
  readonly value: string;
}

/** How an event is written for whom it is handed to. */
export interface EnvelopeSpec {
  readonly form: 'cloudevents' | 'event' | 'pubnub-1.0' | 'pubnub-2.0' | 'pubnub-2.1';
  /** The vendor's outer layer; its forms alone have one. */
  readonly enveloped: boolean;
}

/** Times in ms. Attempt n waits uniform(½, 1) · base · 2ⁿ⁻¹, at most `max`. */
export interface RetrySpec {
  readonly attempts: number;
  readonly base: number;
  readonly max: number;
}

/** Whichever bound is met first sends what was gathered, as one attempt. */
export interface BatchSpec {
  readonly count: number;
  /** ms. */
  readonly time: number;
}

export interface WebhookTarget {
  readonly url: string;
  /** `whsec_…`. */
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly redirects: number;
}
export interface PublishTarget {
  readonly channel: string;
  /** CEL: the payload, made of `event`; absent: the event itself. */
  readonly data?: string | undefined;
}
export interface RedisTarget {
  readonly url: string;
  readonly stream: string;
  /** Entries that the stream keeps, about. */
  readonly maxLength?: number | undefined;
}
export interface NatsTarget {
  readonly url: string;
  readonly subject: string;
  /** Through JetStream: done when it is stored there. */
  readonly jetstream: boolean;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
}
export interface AmqpTarget {
  readonly url: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly persistent: boolean;
  /** ms. */
  readonly ttl?: number | undefined;
}
export interface MqttTarget {
  readonly url: string;
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}
export interface KafkaTarget {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Absent: the event's channel, so that its events keep their order. */
  readonly key?: string | undefined;
  readonly tls: boolean;
  readonly sasl?: 'plain' | 'scram-sha-256' | 'scram-sha-512' | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}
interface AwsTarget {
  readonly region: string;
  /** Instead of the region's own: a stand-in, or another maker's service of the same kind. */
  readonly endpoint?: string | undefined;
  /** Absent: found as the vendor's client finds them. */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  /** Assumed with the subscribe key as external id. */
  readonly role?: string | undefined;
}
export interface SqsTarget extends AwsTarget {
  readonly queueUrl: string;
}
export interface KinesisTarget extends AwsTarget {
  readonly stream: string;
  /** Absent: the event's channel. */
  readonly partitionKey?: string | undefined;
}
export interface S3Target extends AwsTarget {
  readonly bucket: string;
  readonly prefix: string;
}

export interface Targets {
  readonly webhook: WebhookTarget;
  readonly publish: PublishTarget;
  readonly redis: RedisTarget;
  readonly nats: NatsTarget;
  readonly amqp: AmqpTarget;
  readonly mqtt: MqttTarget;
  readonly kafka: KafkaTarget;
  readonly sqs: SqsTarget;
  readonly kinesis: KinesisTarget;
  readonly s3: S3Target;
}

export type TargetKind = keyof Targets;
export type Target = { readonly [K in TargetKind]: { readonly kind: K; readonly to: Targets[K] } }[TargetKind];

/** One thing that is done with an event. */
export interface ActionSpec {
  /** Unique in its listener; what waits for it is kept under this name. */
  readonly id: string;
  readonly target: Target;
  readonly envelope: EnvelopeSpec;
  readonly retry: RetrySpec;
  readonly batch: BatchSpec | null;
  /** ms for one attempt. */
  readonly timeout: number;
  /** Attempts at once, each of another channel. */
  readonly concurrency: number;
}

/** What an app's `actions` has one of: which events, and what is done with them. */
export interface ListenerSpec {
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  /** Event types, `prefix.*`, or `*`. */
  readonly on: readonly string[];
  readonly filter: FilterSpec | null;
  readonly do: readonly ActionSpec[];
}

/** How the outbox names an action. */
export const actionName = (listener: Pick<ListenerSpec, 'name'>, action: Pick<ActionSpec, 'id'>): string =>
  `${listener.name}/${action.id}`;
