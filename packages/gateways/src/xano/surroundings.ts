import type { Socket } from 'node:net';
import type { Clock, Codec, EngineApi, Log } from '@portcullis/engine';
import type { DoorSocket } from '../shared/door-socket.ts';
import type { Keepalive } from '../shared/keepalive.ts';
import type { XanoLimits } from './limits.ts';

/** What all connections of a door share. */
export interface Surroundings {
  readonly engine: Pick<EngineApi, 'connect'>;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly log: Log;
  readonly keepalive: Keepalive;
  readonly limitsOf: (app: string) => XanoLimits;
}

/** One upgraded connection, before it is known who has come. */
export interface Arrival {
  readonly ws: DoorSocket;
  readonly socket: Socket;
  readonly app: string;
  readonly address: string;
}
