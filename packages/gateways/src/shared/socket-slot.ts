import type { Socket } from 'node:net';

/**
 * Something kept with a socket, for listeners that serve all sockets alike: a closure for each would be held by every idle
 * connection, and a map beside the sockets would hold more than the one word this takes.
 */
export class SocketSlot<T> {
  readonly #key = Symbol('slot');

  set(socket: Socket, value: T): void {
    (socket as Socket & Record<symbol, T>)[this.#key] = value;
  }

  of(socket: Socket): T | undefined {
    return (socket as Socket & Record<symbol, T | undefined>)[this.#key];
  }
}
