import type { Codec, Notice } from '../../ports/outlet.ts';
import { type Got, TEST_CODEC, TestOutlet } from '../wire.fixture.ts';
import type { Proof } from './account.fixture.ts';

/** What is so at the moment. */
export interface Moment {
  /** Counts what was put into words and what was written, each after the one before. */
  readonly count: number;
  /** ms since 1970. */
  readonly at: number;
  /** What is in force. */
  readonly epoch: number;
  /** What the connection shows of its user. */
  readonly proof: Proof;
}

/** Something that was written to the socket, and when. */
export interface Written extends Moment {
  readonly item: Got;
}

/** What a socket that is nearly full still takes: words, and no page. */
const LEFT = 9;

/** A socket that takes nothing while it is stalled, little while it is nearly full, and notes when it got what. */
export class Line extends TestOutlet {
  readonly written: Written[] = [];
  readonly #now: () => Moment;
  #held = 0;

  constructor(now: () => Moment) {
    super();
    this.#now = now;
  }

  override buffered(): number {
    return this.stalled ? Number.MAX_SAFE_INTEGER : this.#held;
  }

  /** Whether what is handed to it has not left. */
  get holds(): boolean {
    return this.stalled || this.#held > 0;
  }

  /** It has been handed nearly as much as it is handed at once. */
  fill(inSocket: number): void {
    this.#held ||= inSocket - LEFT;
  }

  override drain(): void {
    super.drain();
    this.#held = 0;
  }

  override write(bytes: Uint8Array): void {
    if (this.#held > 0) this.#held += bytes.length;
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
    for (let place = before; place < this.got.length; place += 1) {
      const item = this.got[place];
      if (item) this.written.push({ item, ...this.#now() });
    }
  }
}

/** A wire that says when it words a notice: it may take long, so that settling gives way in between. */
export function slowWire(worded: (notice: Notice) => void): Codec {
  return {
    name: 'slow',
    publications: (batch) => TEST_CODEC.publications(batch),
    notice(notice: Notice) {
      worded(notice);
      return TEST_CODEC.notice(notice);
    },
  };
}
