import type { Narrowing } from '@portcullis/engine';
import type { Json } from '@portcullis/policy';
import type { Bindings, Expression } from '../../cel/index.ts';
import type { TriggerInput } from '../input.ts';
import { withField, withoutField } from './fields.ts';
import { failed, PASSED, type Step } from './step.ts';

/** A change with its expressions compiled. */
export interface CompiledChange {
  readonly set: readonly { readonly path: readonly string[]; readonly expression: Expression }[];
  readonly remove: readonly (readonly string[])[];
  readonly replace: Expression | null;
  readonly audience:
    | { readonly to: 'authenticated' }
    | { readonly to: 'user' | 'table'; readonly expression: Expression }
    | null;
}

/** Changes the payload and narrows whom it reaches. A join has neither: nothing is done to it. */
export function changeStep(change: CompiledChange): Step {
  return {
    kind: 'change',
    run: (input) => {
      if (input.action === 'join') return PASSED;
      const payload = changed(input, change);
      if (payload instanceof Failure) return failed(payload.error);
      if (change.audience === null) return payload === undefined ? PASSED : { type: 'pass', payload };
      const narrow = narrowing(input, change.audience);
      if (narrow instanceof Failure) return failed(narrow.error);
      return payload === undefined ? { type: 'pass', narrow } : { type: 'pass', payload, narrow };
    },
  };
}

class Failure {
  readonly error: string;

  constructor(error: string) {
    this.error = error;
  }
}

/** All expressions see the payload as the step found it. `undefined`: it stays as it is. */
function changed(input: TriggerInput, { set, remove, replace }: CompiledChange): Json | undefined | Failure {
  const bindings = input as unknown as Bindings;
  if (!replace && set.length === 0 && remove.length === 0) return undefined;
  const found = input.payload;
  let payload = found;
  if (replace) {
    const whole = replace.value(bindings);
    if (!whole.ok) return new Failure(`replace: ${whole.error}`);
    payload = whole.value;
  }
  for (const { path, expression } of set) {
    const value = expression.value(bindings);
    if (!value.ok) return new Failure(`set.${path.join('.')}: ${value.error}`);
    const next = withField(payload, path, value.value);
    if (next === undefined) return new Failure(`set.${path.join('.')}: the payload has no place for it`);
    payload = next;
  }
  for (const path of remove) payload = withoutField(payload, path);
  return payload === found ? undefined : payload;
}

function narrowing(input: TriggerInput, audience: NonNullable<CompiledChange['audience']>): Narrowing | Failure {
  if (audience.to === 'authenticated') return audience;
  const result = audience.expression.value(input as unknown as Bindings);
  if (!result.ok) return new Failure(`audience.${audience.to}: ${result.error}`);
  const { value } = result;
  if (audience.to === 'user') {
    if (typeof value === 'string' && value !== '') return { to: 'user', user: value };
  } else if (typeof value === 'string' || typeof value === 'number') return { to: 'table', table: value };
  return new Failure(`audience.${audience.to}: expected an id`);
}
