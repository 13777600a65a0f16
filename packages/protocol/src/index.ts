export * from './client-messages.ts';
export * from './close-codes.ts';
export * from './json.ts';
export * from './server-messages.ts';
export * from './shown.ts';
export * from './version.ts';
