import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Codec, Ending } from '@portcullis/engine';
import { CODES } from '@portcullis/policy';
import { SUBPROTOCOL } from '@portcullis/protocol';
import { accept, offeredProtocols, turnAway } from '../shared/handshakes.ts';
import { Keepalive } from '../shared/keepalive.ts';
import { createNativeCodec } from './codec.ts';
import { NativeConnection } from './connection.ts';
import type { Crowds } from './crowds.ts';
import { wordFarewell } from './farewell.ts';
import { keyOf } from './key-of.ts';
import { frameMax } from './limits.ts';
import type { Surroundings } from './surroundings.ts';

export interface NativeDoorDeps extends Omit<Surroundings, 'codecOf' | 'keepalive' | 'pingInterval'> {
  /** The app of a subscribe key. */
  readonly appByKey: (key: string) => string | undefined;
  /** Shared with the streams of the same engine. */
  readonly crowds: Crowds;
  /** The client's address, after trusted proxies. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** ms between pings; a peer that gives no sign of life from one to the next is dropped. */
  readonly pingInterval?: number;
}

export interface NativeDoor {
  /** What is wrong with an upgrade before it is taken, if anything is. */
  upgradeProblem(request: IncomingMessage): string | undefined;
  /** The app that a request names. */
  appOf(request: IncomingMessage): string | undefined;
  /** Takes an upgrade of `/v1/connect?key=<subscribe key>`. Origins were checked before. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** From now on whoever comes is asked to come back. Live connections are the engine's to drain. */
  close(): void;
}

/** ms between signs of life. */
export const PING_INTERVAL = 25_000;
const UNKNOWN_APP: Ending = { code: 'app.unknown-key', message: CODES['app.unknown-key'].sentence };
const RESTARTING: Ending = { code: 'session.restarting', message: CODES['session.restarting'].sentence };

/** The door for clients of this product. */
export function createNativeDoor(deps: NativeDoorDeps): NativeDoor {
  const { clock, pingInterval = PING_INTERVAL } = deps;
  const keepalive = new Keepalive(clock, pingInterval);
  const codecs = new Map<string, Codec>();
  const codecOf = (app: string): Codec => {
    const known = codecs.get(app);
    if (known !== undefined) return known;
    const codec = createNativeCodec({ explains: () => deps.appOf(app).explains, crowds: deps.crowds });
    codecs.set(app, codec);
    return codec;
  };
  const around: Surroundings = { ...deps, keepalive, pingInterval, codecOf };
  const appOf = (request: IncomingMessage) => deps.appByKey(keyOf(request.url ?? '') ?? '');
  let closed = false;

  return {
    upgradeProblem: (request) => {
      const [only, ...more] = offeredProtocols(request);
      const right = only === SUBPROTOCOL && more.length === 0;
      return right ? undefined : `Offer the sub-protocol \`${SUBPROTOCOL}\`, and no other.`;
    },
    appOf,
    handleUpgrade(request, duplex, head) {
      const socket = duplex as Socket;
      const app = appOf(request);
      // Accepted even when it will be turned away: browsers do not show why a handshake was refused.
      if (!accept(request, socket, head)) return;
      if (app === undefined || closed) {
        turnAway(socket, { clock, ending: closed ? RESTARTING : UNKNOWN_APP, farewell: wordFarewell });
        return;
      }
      const largest = frameMax(deps.appOf(app).limits);
      new NativeConnection({ socket, frameMax: largest, app, address: deps.addressOf(request) }, request, around);
    },
    close() {
      closed = true;
    },
  };
}
