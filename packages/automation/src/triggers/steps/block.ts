import type { Step, StepOutcome } from './step.ts';

export function blockStep(reason: string): Step {
  const outcome: StepOutcome = { type: 'block', code: 'trigger.blocked', ...(reason === '' ? {} : { reason }) };
  return { kind: 'block', run: () => outcome };
}
