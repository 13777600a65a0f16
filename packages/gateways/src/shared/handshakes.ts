import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock, Ending } from '@portcullis/engine';
import { type Server, WebSocketServer } from 'ws';
import { DoorSocket } from './door-socket.ts';
import { WsOutlet } from './ws-outlet.ts';

/** Pieces of one message, as frames and as reads: enough for slow networks, too few to hold much memory. */
const PIECES_MAX = 1_024;
/** A connection that names no app is told so and read no further. */
export const STRANGER_FRAME_MAX = 1_024;

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly frameMax: number;
}

/** `ws` fixes the largest frame per server object: one for each size that apps have configured. */
export class Handshakes {
  readonly #servers = new Map<number, Server<typeof DoorSocket>>();

  accept({ request, socket, head, frameMax }: Upgrade, accepted: (ws: DoorSocket, wire: Socket) => void): void {
    this.#serverFor(frameMax).handleUpgrade(request, socket, head, (ws) => accepted(ws, socket as Socket));
  }

  #serverFor(maxPayload: number): Server<typeof DoorSocket> {
    const known = this.#servers.get(maxPayload);
    if (known !== undefined) return known;
    const server = new WebSocketServer({
      noServer: true,
      WebSocket: DoorSocket,
      maxPayload,
      maxFragments: PIECES_MAX,
      maxBufferedChunks: PIECES_MAX,
      perMessageDeflate: false,
      autoPong: false,
      clientTracking: false,
    });
    this.#servers.set(maxPayload, server);
    return server;
  }
}

export interface TurnedAway {
  readonly clock: Clock;
  readonly ending: Ending;
  readonly farewell: (ending: Ending) => Uint8Array;
}

/** Ends a connection that was accepted only to be told why it is not wanted. */
export function turnAway(ws: DoorSocket, socket: Socket, { clock, ending, farewell }: TurnedAway): void {
  ws.on('error', () => {});
  new WsOutlet({ socket, clock, owner: { farewell, drained: () => {}, stopped: () => {} } }).end(ending);
}
