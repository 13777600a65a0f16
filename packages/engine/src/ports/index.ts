export type * from './broker.ts';
export type * from './clock.ts';
export type * from './ids.ts';
export * from './log.ts';
export * from './meter.ts';
export type * from './outlet.ts';
export * from './shelf.ts';
export * from './store.ts';
