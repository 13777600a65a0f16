import type { ActionSpec, FilterSpec, ListenerSpec, Target, TargetKind } from '@portcullis/automation/actions';
import type * as v from 'valibot';
import type { listenerSchema } from './schema/actions.ts';

export type ListenerInput = v.InferOutput<typeof listenerSchema>;
export type StepInput = ListenerInput['do'][number];

export const KINDS = [
  'webhook',
  'publish',
  'redis',
  'nats',
  'amqp',
  'mqtt',
  'kafka',
  'sqs',
  'kinesis',
  's3',
] as const satisfies readonly TargetKind[];

/** Which kinds a step names. One that passed the checks names one. */
export const kindsOf = (step: StepInput): readonly TargetKind[] => KINDS.filter((kind) => step[kind] !== undefined);

/** How the steps of a listener are called: by their ids, or by their kinds, numbered where one comes again. */
export function idsOf(steps: readonly StepInput[]): readonly string[] {
  const seen = new Map<string, number>();
  return steps.map((step) => {
    const kind = kindsOf(step)[0] ?? 'step';
    const times = (seen.get(kind) ?? 0) + (step.id === undefined ? 1 : 0);
    seen.set(kind, times);
    return step.id ?? (times === 1 ? kind : `${kind}-${times}`);
  });
}

export function resolveListener(input: ListenerInput): ListenerSpec {
  const { name, description, enabled, on, filter } = input;
  const ids = idsOf(input.do);
  return {
    name,
    description,
    enabled,
    on,
    filter: filterOf(filter),
    do: input.do.map((step, at) => resolveStep(step, ids[at] ?? '')),
  };
}

function filterOf(filter: ListenerInput['filter']): FilterSpec | null {
  if (filter?.cel !== undefined) return { cel: filter.cel };
  if (filter?.jsonpath !== undefined) return { jsonpath: filter.jsonpath };
  return filter?.basic === undefined ? null : { basic: filter.basic };
}

function resolveStep(step: StepInput, id: string): ActionSpec {
  const { envelope, enveloped, retry, batch, timeout, concurrency } = step;
  return {
    id,
    target: targetOf(step),
    envelope: { form: envelope, enveloped },
    retry,
    batch: batch ?? null,
    timeout,
    concurrency,
  };
}

function targetOf(step: StepInput): Target {
  const { webhook, publish, redis, nats, amqp, mqtt, kafka, sqs, kinesis, s3 } = step;
  if (webhook) return { kind: 'webhook', to: { ...webhook, headers: webhook.headers ?? {} } };
  if (publish) return { kind: 'publish', to: publish };
  if (redis) return { kind: 'redis', to: redis };
  if (nats) return { kind: 'nats', to: nats };
  if (amqp) return { kind: 'amqp', to: amqp };
  if (mqtt) return { kind: 'mqtt', to: { ...mqtt, qos: mqtt.qos === 0 ? 0 : mqtt.qos === 1 ? 1 : 2 } };
  if (kafka) return { kind: 'kafka', to: kafka };
  if (sqs) return { kind: 'sqs', to: sqs };
  if (kinesis) return { kind: 'kinesis', to: kinesis };
  if (s3) return { kind: 's3', to: s3 };
  throw new Error('a step passed the checks without saying what it does');
}
