import type { Clock, Codec, EngineApi, Log } from '@portcullis/engine';
import type { Keepalive } from '../shared/keepalive.ts';
import type { XanoLimits } from './limits.ts';

/** What all connections of a door share. */
export interface Surroundings {
  readonly engine: Pick<EngineApi, 'connect' | 'turnAway'>;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly log: Log;
  readonly keepalive: Keepalive;
  readonly limitsOf: (app: string) => XanoLimits;
}
