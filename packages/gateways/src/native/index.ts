export type { Identified } from '../shared/identified.ts';
export { createNativeCodec } from './codec.ts';
export { Crowds } from './crowds.ts';
export { createNativeDoor, type NativeDoor, type NativeDoorDeps } from './gateway.ts';
export { createNativeHttp, type NativeHttp } from './http/door.ts';
export type { HttpDeps } from './http/http-app.ts';
export { frameMax, type NativeLimits } from './limits.ts';
export type { NativeApp, Proofs } from './surroundings.ts';
