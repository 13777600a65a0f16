import { WebSocket } from 'ws';

/**
 * A `ws` socket that only reads. `ws` would answer a close frame or a violation of the protocol with a close frame of its
 * own; here it tells whoever runs the connection, who writes every byte.
 */
export class DoorSocket extends WebSocket {
  /**
   * Set as soon as the connection has an owner. `code` is the peer's, `undefined` if its close frame carried none; or the
   * code of a violation: 1002, 1007, 1008 (too many fragments), 1009 (too long).
   */
  closing: (code: number | undefined) => void = () => {};

  override close(code?: number): void {
    this.closing(code);
  }
}
