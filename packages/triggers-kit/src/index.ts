export { defineTrigger } from './define-trigger.ts';
export type * from './trigger.ts';
