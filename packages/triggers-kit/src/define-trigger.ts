import type { Trigger, XanoTrigger } from './trigger.ts';

/** Gives a trigger function its types. Answers the very function: it does nothing at run time. */
export function defineTrigger<Payload = unknown>(trigger: Trigger<Payload>): Trigger<Payload> {
  return trigger;
}

/** The same for a step that says `returns: xano`. */
export function defineXanoTrigger<Payload = unknown>(trigger: XanoTrigger<Payload>): XanoTrigger<Payload> {
  return trigger;
}
