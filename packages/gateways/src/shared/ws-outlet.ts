import { PING_FRAME, pongFrame } from './encode-frame.ts';
import { SocketOutlet } from './socket-outlet.ts';

/** The way out to one WebSocket: everything written is a whole frame. */
export class WsOutlet extends SocketOutlet {
  ping(): void {
    this.write(PING_FRAME);
  }

  /** Answers a ping, unless the peer has stopped reading: then more pings would only grow what waits for it. */
  pong(payload: Uint8Array): void {
    if (this.flowing) this.write(pongFrame(payload));
  }
}
