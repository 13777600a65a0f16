export { defineTrigger, defineXanoTrigger } from './define-trigger.ts';
export type * from './trigger.ts';
