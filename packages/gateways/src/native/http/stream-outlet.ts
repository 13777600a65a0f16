import type { Ending, Outlet } from '@portcullis/engine';
import type { SocketOutlet } from '../../shared/socket-outlet.ts';
import type { Marks } from './stream-codec.ts';
import type { StreamPositions } from './stream-positions.ts';

/**
 * The way out to one stream. Behind what moves a channel's position it writes where the client has come to: an event
 * without data, which browsers keep as the id to come back with and hand to nobody.
 */
export class StreamOutlet implements Outlet {
  readonly #socket: SocketOutlet;
  readonly #marks: Marks;
  readonly #positions: StreamPositions;
  #corked = false;
  #moved = false;

  constructor(socket: SocketOutlet, marks: Marks, positions: StreamPositions) {
    this.#socket = socket;
    this.#marks = marks;
    this.#positions = positions;
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
    const mark = this.#marks.get(bytes);
    if (mark === undefined || !this.#positions.note(mark)) return;
    this.#moved = true;
    if (!this.#corked) this.#writeId();
  }

  buffered(): number {
    return this.#socket.buffered();
  }

  cork(): void {
    this.#corked = true;
    this.#socket.cork();
  }

  uncork(): void {
    this.#corked = false;
    if (this.#moved) this.#writeId();
    this.#socket.uncork();
  }

  end(ending: Ending): void {
    this.#socket.end(ending);
  }

  #writeId(): void {
    this.#moved = false;
    this.#socket.write(Buffer.from(`id: ${this.#positions}\n\n`));
  }
}
