export { type ActionState, Actions, type ActionsDeps } from './actions.ts';
export type { ActionLimits, AppActions, DefinedListener } from './app-actions.ts';
export { type AppEvent, draftEvent } from './event.ts';
export { typesOf, unknownEvent } from './event-names.ts';
export { eventPrincipal } from './event-principal.ts';
export { compileFilter, EVENT_NAMES } from './filter/filter.ts';
export type { Run } from './run-log.ts';
export * from './spec.ts';
