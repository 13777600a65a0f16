import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock, Ending } from '@portcullis/engine';
import { WsOutlet } from './ws-outlet.ts';

/** A connection that names no app is told so and read no further. */
export const STRANGER_FRAME_MAX = 1_024;

/** RFC 6455 §1.3: what shows that the server understood the handshake. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const KEY = /^[+/0-9A-Za-z]{22}==$/;
const REFUSAL = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/** The sub-protocols that a handshake offers, in their order. */
export function offeredProtocols({ headers }: IncomingMessage): readonly string[] {
  const offered = headers['sec-websocket-protocol'];
  return offered === undefined ? [] : offered.split(',').map((name) => name.trim());
}

/**
 * Answers a handshake that was found well-formed, agreeing to the first sub-protocol offered and to no extension. From then
 * on the connection is the caller's, `head` included; `false` when there is none any more.
 */
export function accept(request: IncomingMessage, socket: Socket, head: Buffer): boolean {
  if (!socket.readable || !socket.writable) {
    socket.destroy();
    return false;
  }
  const key = request.headers['sec-websocket-key'] ?? '';
  if (!KEY.test(key)) {
    socket.end(REFUSAL);
    return false;
  }
  const [protocol] = offeredProtocols(request);
  const agreed = protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  const proof = createHash('sha1').update(key).update(GUID).digest('base64');
  socket.setTimeout(0);
  socket.setNoDelay();
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${proof}\r\n${agreed}\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  return true;
}

export interface TurnedAway {
  readonly clock: Clock;
  readonly ending: Ending;
  readonly farewell: (ending: Ending) => Uint8Array;
}

/** Ends a connection that was accepted only to be told why it is not wanted. */
export function turnAway(socket: Socket, { clock, ending, farewell }: TurnedAway): void {
  socket.on('error', () => {});
  new WsOutlet({ socket, clock, owner: { farewell, drained() {}, stopped() {}, closed() {} } }).end(ending);
}
