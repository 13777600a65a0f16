import type { Codec, Notice } from '../../ports/outlet.ts';
import { type Got, TEST_CODEC, TestOutlet } from '../wire.fixture.ts';

/** Something that was written to the socket, when, and what was in force then. */
export interface Written {
  readonly item: Got;
  /** ms since 1970. */
  readonly at: number;
  readonly epoch: number;
}

/** A socket that takes nothing while it is stalled, and notes when it got what. */
export class Line extends TestOutlet {
  readonly written: Written[] = [];
  readonly #now: () => { readonly at: number; readonly epoch: number };

  constructor(now: () => { readonly at: number; readonly epoch: number }) {
    super();
    this.#now = now;
  }

  override buffered(): number {
    return this.stalled ? Number.MAX_SAFE_INTEGER : 0;
  }

  override write(bytes: Uint8Array): void {
    const before = this.got.length;
    super.write(bytes);
    this.#note(before);
  }

  override end(ending: Parameters<TestOutlet['end']>[0]): void {
    const before = this.got.length;
    super.end(ending);
    this.#note(before);
  }

  #note(before: number): void {
    for (const item of this.got.slice(before)) this.written.push({ item, ...this.#now() });
  }
}

/** A wire on which it takes long to say that something is lost: settling gives way in between. */
export function slowWire(pass: () => void): Codec {
  return {
    name: 'slow',
    publications: (batch) => TEST_CODEC.publications(batch),
    notice(notice: Notice) {
      if (notice.type === 'lost') pass();
      return TEST_CODEC.notice(notice);
    },
  };
}
