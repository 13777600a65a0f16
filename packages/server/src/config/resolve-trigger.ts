import type { StepSpec, TriggerSpec, Work } from '@portcullis/automation/triggers';
import type * as v from 'valibot';
import type { triggerSchema } from './schema/triggers.ts';

export type TriggerInput = v.InferOutput<typeof triggerSchema>;
export type StepInput = TriggerInput['steps'][number];

const TIMEOUT = 1_000;
const DOES = ['block', 'rate', 'http', 'function'] as const;
const CHANGES = ['set', 'remove', 'replace', 'audience'] as const;

/** What a step says it does: one of these, or several changes together. */
export function doesOf(step: StepInput): readonly string[] {
  const changes = CHANGES.filter((name) => step[name] !== undefined);
  return [...DOES.filter((name) => step[name] !== undefined), ...(changes.length > 0 ? ['change'] : [])];
}

export const STEP_WORDS = [...DOES, ...CHANGES];

/** A trigger as it runs. The input has passed the checks. */
export function resolveTrigger({ channel, on, enabled, description, publishes, steps }: TriggerInput): TriggerSpec {
  return {
    channel,
    on: on ?? ['join', 'message'],
    enabled,
    description,
    publishes: (publishes ?? []).map((target) => ({ target, nested: target.includes('*') })),
    steps: steps.map(resolveStep),
  };
}

function resolveStep(step: StepInput): StepSpec {
  return {
    ...(step.when === undefined ? {} : { when: step.when }),
    onError: step.onError ?? step.http?.onError ?? 'block',
    ...workOf(step),
  };
}

function workOf({ block, rate, http, function: name, ...step }: StepInput): Work {
  if (block !== undefined) return { does: 'block', reason: block };
  if (rate) {
    const { per, limit, in: within, reason } = rate;
    return { does: 'rate', per, limit, within, ...(reason === undefined ? {} : { reason }) };
  }
  const returns = step.returns ?? http?.returns ?? 'native';
  const timeout = step.timeout ?? http?.timeout ?? TIMEOUT;
  if (http) return { does: 'http', url: http.url, secret: http.secret, timeout, returns };
  if (name !== undefined) return { does: 'function', name, timeout, returns };
  const { set = [], remove = [], replace, audience } = step;
  return {
    does: 'change',
    set,
    remove,
    ...(replace === undefined ? {} : { replace }),
    ...(audience === undefined ? {} : { audience }),
  };
}
