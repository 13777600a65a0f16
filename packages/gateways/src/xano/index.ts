export type { Identified } from '../shared/identified.ts';
export { createXanoCodec } from './codec.ts';
export { createXanoDoor, type XanoDoor, type XanoDoorDeps } from './gateway.ts';
export type { XanoLimits } from './limits.ts';
