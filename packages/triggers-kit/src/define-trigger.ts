import type { Trigger } from './trigger.ts';

/** Gives a trigger function its types. Answers the very function: it does nothing at run time. */
export function defineTrigger<Payload = unknown>(trigger: Trigger<Payload>): Trigger<Payload> {
  return trigger;
}
