export { type FileVault, sweepFiles } from './files/index.ts';
export type * from './http/call.ts';
export { createPubNubDoor, type PubNubDoor, type PubNubDoorDeps } from './http/door.ts';
export type * from './http/settings.ts';
export type * from './identity/identified.ts';
