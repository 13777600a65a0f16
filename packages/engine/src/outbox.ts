import type { Codec, Outlet } from './ports/outlet.ts';
import type { Publication } from './publication.ts';

/**
 * A state of things, for one reader. Asked when it is handed over later than it was queued: the bytes as they may be
 * sent now, `null` for none.
 */
export type Renew = (bytes: Uint8Array) => Uint8Array | null;

/** Publications of a channel, a snapshot of it, or `null`: a word about it, which is never taken back. */
export type Content = readonly Publication[] | Renew | null;

/** What waits for a slow reader, tagged by channel, so that a permission change can withdraw it. */
type Item = { readonly channel: string; readonly bytes: Uint8Array; readonly content: Content };

/**
 * One session's way out. At most `inSocket` bytes are handed to an idle socket until it drains; the rest waits here.
 * Too slow: what was queued before this turn is over `sendBuffer`.
 */
export class Outbox {
  readonly #outlet: Outlet;
  readonly #codec: Codec;
  /** `null` while nothing waits. */
  #queue: Item[] | null = null;
  #queued = 0;
  #turn = -1;
  #queuedBefore = 0;

  constructor(outlet: Outlet, codec: Codec) {
    this.#outlet = outlet;
    this.#codec = codec;
  }

  /** Bytes that wait here. */
  get queued(): number {
    return this.#queued;
  }

  /** Hands the bytes to the socket or queues them; `false` when the reader is too slow and has to be cut. */
  send(
    channel: string,
    bytes: Uint8Array,
    content: Content,
    limits: { readonly inSocket: number; readonly sendBuffer: number },
    turn: number,
  ): boolean {
    if (this.#queue === null) {
      const buffered = this.#outlet.buffered();
      if (buffered === 0 || buffered + bytes.length <= limits.inSocket) {
        this.#outlet.write(bytes);
        return true;
      }
    }
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#queuedBefore = this.#queued;
    }
    this.#queue ??= [];
    this.#queue.push({ channel, bytes, content });
    this.#queued += bytes.length;
    return this.#queuedBefore <= limits.sendBuffer;
  }

  /** The channel whose item is next to be handed over, if the socket has room for it. */
  next(inSocket: number): string | undefined {
    const first = this.#queue?.[0];
    if (!first) return undefined;
    const buffered = this.#outlet.buffered();
    return buffered === 0 || buffered + first.bytes.length <= inSocket ? first.channel : undefined;
  }

  handOverNext(): void {
    const first = this.#queue?.shift();
    if (!first) return;
    if (this.#queue?.length === 0) this.#queue = null;
    this.#queued -= first.bytes.length;
    const bytes = typeof first.content === 'function' ? first.content(first.bytes) : first.bytes;
    if (bytes) this.#outlet.write(bytes);
  }

  /** Takes back what was not handed over: publications and snapshots of a channel, or the publications that `keep` refuses. */
  withdraw(channel: string, keep?: (publication: Publication) => boolean): void {
    if (this.#queue === null) return;
    const left: Item[] = [];
    for (const item of this.#queue) {
      const kept = item.channel === channel ? this.#withdrawFrom(item, keep) : item;
      if (kept) left.push(kept);
    }
    this.#keep(left);
  }

  /** Takes back all that was not handed over, but for words, which are never taken back. */
  withdrawContent(): void {
    if (this.#queue !== null) this.#keep(this.#queue.filter(({ content }) => content === null));
  }

  clear(): void {
    this.#keep([]);
  }

  #keep(items: Item[]): void {
    this.#queue = items.length > 0 ? items : null;
    this.#queued = items.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  #withdrawFrom(item: Item, keep: ((publication: Publication) => boolean) | undefined): Item | null {
    if (item.content === null) return item;
    if (!keep) return null;
    if (typeof item.content === 'function') return item;
    const content = item.content.filter(keep);
    if (content.length === item.content.length) return item;
    return content.length === 0 ? null : { channel: item.channel, content, bytes: this.#codec.publications(content) };
  }
}
