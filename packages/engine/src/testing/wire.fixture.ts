import type { Codec, Ending, Notice, Outlet } from '../ports/outlet.ts';
import type { Publication } from '../publication.ts';

/** What a test client got, in order. */
export type Got =
  | { readonly type: 'publication'; readonly publication: Publication }
  | Notice
  | { readonly type: 'end'; readonly ending: Ending };

/** A wire that keeps the objects beside the bytes: one byte per item stands for a frame, padded to the item's size. */
const contents = new WeakMap<Uint8Array, readonly Got[]>();

export const TEST_CODEC: Codec & { encodings: number } = {
  name: 'test',
  encodings: 0,
  publications(batch) {
    this.encodings += 1;
    const bytes = new Uint8Array(batch.reduce((sum, { data }) => sum + data.length + 1, 0));
    contents.set(
      bytes,
      batch.map((publication) => ({ type: 'publication', publication }) as const),
    );
    return bytes;
  },
  notice(notice) {
    const items = notice.type === 'history' ? notice.items : [];
    const bytes = new Uint8Array(items.reduce((sum, { data }) => sum + data.length + 1, 1));
    contents.set(bytes, [notice]);
    return bytes;
  },
};

/** A socket that takes everything at once, or, while `stalled`, nothing. */
export class TestOutlet implements Outlet {
  readonly got: Got[] = [];
  readonly writes: Uint8Array[] = [];
  stalled = false;
  corks = 0;
  #held = 0;

  write(bytes: Uint8Array): void {
    this.writes.push(bytes);
    if (this.stalled) this.#held += bytes.length;
    this.got.push(...(contents.get(bytes) ?? []));
  }

  buffered(): number {
    return this.#held;
  }

  cork(): void {
    this.corks += 1;
  }

  uncork(): void {
    this.corks -= 1;
  }

  end(ending: Ending): void {
    this.got.push({ type: 'end', ending });
  }

  drain(): void {
    this.stalled = false;
    this.#held = 0;
  }

  /** Payloads of the messages and events that arrived, per channel if one is named. */
  texts(channel?: string): string[] {
    return this.got.flatMap((item) =>
      item.type === 'publication' &&
      item.publication.kind !== 'presence' &&
      (channel === undefined || item.publication.channel === channel)
        ? [JSON.parse(item.publication.data) as string]
        : [],
    );
  }

  kinds(): string[] {
    return this.got.map((item) => {
      if (item.type !== 'publication') return item.type === 'end' ? `end ${item.ending.code}` : item.type;
      return item.publication.presence ? `presence ${item.publication.presence.action}` : item.publication.kind;
    });
  }

  lost(): string[] {
    return this.got.flatMap((item) => (item.type === 'lost' ? [`${item.channel} ${item.code} ${item.left}`] : []));
  }

  clear(): void {
    this.got.length = 0;
    this.writes.length = 0;
  }
}
