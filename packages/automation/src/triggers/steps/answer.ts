import type { Json, JsonObject } from '@portcullis/policy';
import type { TriggerInput } from '../input.ts';
import type { Returns } from '../spec.ts';
import { failed, PASSED, type Publishing, type StepOutcome } from './step.ts';

/** Characters of a reason that are shown. */
const REASON = 300;

/** Reads what an endpoint or function answered; `undefined`: nothing. */
export function readAnswer(answer: Json | undefined, input: TriggerInput, returns: Returns): StepOutcome {
  return returns === 'xano' ? readXano(answer, input) : readNative(answer, input);
}

/** Join: `false` refuses, anything else admits. Message: `false` blocks, any other value takes the payload's place. */
function readXano(answer: Json | undefined, { action }: TriggerInput): StepOutcome {
  if (answer === false) return { type: 'block', code: 'trigger.blocked' };
  return action === 'join' || answer === undefined ? PASSED : { type: 'pass', payload: answer };
}

const KNOWN = new Set(['allow', 'reason', 'payload', 'publish']);

/** `{ allow, reason?, payload?, publish? }`, or nothing for yes. Anything else is a mistake, and mistakes refuse. */
function readNative(answer: Json | undefined, { action }: TriggerInput): StepOutcome {
  if (answer === undefined) return PASSED;
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return failed('the answer is no object');
  const { allow, reason, payload, publish } = answer as JsonObject;
  const stray = Object.keys(answer).find((name) => !KNOWN.has(name));
  if (stray !== undefined) return failed('the answer has an unknown field');
  if (typeof allow !== 'boolean') return failed('`allow` of the answer is no truth value');
  if (reason !== undefined && typeof reason !== 'string') return failed('`reason` of the answer is no text');
  const beside = readPublishing(publish);
  if (beside === null) return failed('`publish` of the answer is no list of { channel, payload }');
  const told = beside.length === 0 ? {} : { publish: beside };
  if (!allow) {
    return { type: 'block', code: 'trigger.blocked', ...(reason ? { reason: reason.slice(0, REASON) } : {}), ...told };
  }
  return { type: 'pass', ...(payload === undefined || action === 'join' ? {} : { payload }), ...told };
}

/** So many messages may one run publish. */
const MOST_PUBLISHED = 10;

function readPublishing(publish: Json | undefined): readonly Publishing[] | null {
  if (publish === undefined) return [];
  if (!Array.isArray(publish) || publish.length > MOST_PUBLISHED) return null;
  const read = publish.map((item: Json) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return null;
    const { channel, payload } = item as JsonObject;
    return typeof channel === 'string' && payload !== undefined ? { channel, payload } : null;
  });
  return read.every((one) => one !== null) ? read : null;
}
