import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock, Ending, EngineApi, Log, MaybePromise } from '@portcullis/engine';
import { CODES } from '@portcullis/policy';
import { accept, offeredProtocols, STRANGER_FRAME_MAX, turnAway } from '../shared/handshakes.ts';
import type { Identified } from '../shared/identified.ts';
import { Keepalive } from '../shared/keepalive.ts';
import { createXanoCodec } from './codec.ts';
import { XanoConnection } from './connection.ts';
import { wordFarewell } from './farewell.ts';
import { ENVELOPE_MAX, type XanoLimits } from './limits.ts';
import type { Surroundings } from './surroundings.ts';

export interface XanoDoorDeps {
  readonly engine: Pick<EngineApi, 'connect' | 'turnAway'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Who the token proves; `undefined`: none was brought. A rejection is a fault of ours and closes with 1011. */
  readonly identify: (app: string, token: string | undefined, request: IncomingMessage) => MaybePromise<Identified>;
  /** The app of a connection hash. */
  readonly appByHash: (hash: string) => string | undefined;
  readonly limitsOf: (app: string) => XanoLimits;
  /** The client's address, after trusted proxies. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** ms between pings; a peer that gives no sign of life from one to the next is dropped. */
  readonly pingInterval?: number;
}

export interface XanoDoor {
  /** Takes an upgrade of `/rt/<connection hash>`. Origins were checked before. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** From now on whoever comes is asked to come back. Live connections are the engine's to drain. */
  close(): void;
}

const PING_INTERVAL = 25_000;
const PATH = '/rt/';
const UNKNOWN_APP: Ending = { code: 'app.unknown-key', message: CODES['app.unknown-key'].sentence };
const RESTARTING: Ending = { code: 'session.restarting', message: CODES['session.restarting'].sentence };

/** The door for clients of the Xano JavaScript SDK. */
export function createXanoDoor(deps: XanoDoorDeps): XanoDoor {
  const { clock } = deps;
  const keepalive = new Keepalive(clock, deps.pingInterval ?? PING_INTERVAL);
  const around: Surroundings = { ...deps, codec: createXanoCodec(), keepalive };
  let closed = false;

  return {
    handleUpgrade(request, duplex, head) {
      const socket = duplex as Socket;
      const app = deps.appByHash(hashOf(request.url ?? ''));
      const frameMax = app === undefined ? STRANGER_FRAME_MAX : deps.limitsOf(app).message + ENVELOPE_MAX;
      // Accepted even when it will be turned away: a refused handshake is one the SDK repeats for ever.
      if (!accept(request, socket, head)) return;
      if (app === undefined || closed) {
        turnAway(socket, { clock, ending: closed ? RESTARTING : UNKNOWN_APP, farewell: wordFarewell });
        return;
      }
      const address = deps.addressOf(request);
      // The only sub-protocol a client offers is its token; the first was agreed to.
      const [token] = offeredProtocols(request);
      const connection = new XanoConnection({ socket, frameMax, app, address }, around);
      connection.open(address, () => deps.identify(app, token, request));
    },
    close() {
      closed = true;
    },
  };
}

/** The connection hash of a request target, as it is: the SDK does not encode it. */
function hashOf(target: string): string {
  const [path = ''] = target.split('?', 1);
  return path.startsWith(PATH) ? path.slice(PATH.length) : '';
}
