import type { Clock, Codec, EngineApi, Log, MaybePromise } from '@portcullis/engine';
import type { Identified } from '../shared/identified.ts';
import type { Keepalive } from '../shared/keepalive.ts';
import type { CrowdSettings } from './crowds.ts';
import type { NativeLimits } from './limits.ts';

/** What a client shows to say who it is. */
export interface Proofs {
  readonly token?: string;
  /** A user id that is only stated. A token that proves a user proves it alone; another one stated beside it is refused. */
  readonly statedUser?: string;
}

/** What the door has to know of an app. */
export interface NativeApp {
  readonly limits: NativeLimits;
  /** ms for which a connection waits for another token when its own no longer holds. */
  readonly tokenGrace: number;
  readonly crowd: CrowdSettings;
  /** Clients are told what would have to change for a refusal to become a yes. */
  readonly explains: boolean;
}

/** What all connections of a door share. */
export interface Surroundings {
  readonly engine: Pick<EngineApi, 'connect' | 'source' | 'turnAway'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly keepalive: Keepalive;
  /** ms between pings. */
  readonly pingInterval: number;
  readonly codecOf: (app: string) => Codec;
  readonly appOf: (app: string) => NativeApp;
  readonly identify: (app: string, proofs: Proofs) => MaybePromise<Identified>;
}
