import { expect, expectTypeOf, test } from 'vitest';
import { defineTrigger, defineXanoTrigger, type TriggerAnswer, type TriggerContext } from './index.ts';

test('gives the function back', () => {
  const trigger = () => ({ allow: true });
  expect(defineTrigger(trigger)).toBe(trigger);
  expect(defineXanoTrigger(() => false)).toBeTypeOf('function');
});

test('gives the input and the answer their types', () => {
  defineTrigger<{ text: string }>((input, context) => {
    expectTypeOf(input.payload.text).toEqualTypeOf<string>();
    expectTypeOf(input.principal.user).toEqualTypeOf<string>();
    expectTypeOf(context).toEqualTypeOf<TriggerContext>();
    return { allow: input.action === 'join', reason: 'no' } satisfies TriggerAnswer;
  });
});
