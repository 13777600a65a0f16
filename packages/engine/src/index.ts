export type * from './engine-api.ts';
export type * from './limits.ts';
export * from './maybe-promise.ts';
export type * from './outcome.ts';
export * from './ports/index.ts';
export type * from './publication.ts';
export type * from './session-api.ts';
