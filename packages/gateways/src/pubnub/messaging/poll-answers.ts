import type { PollItem, Publication, Timetoken } from '@portcullis/engine';
import type { Answer } from '../http/call.ts';
import { envelopeEnd, envelopeStart, type Postmark } from './envelope.ts';
import { spelled } from './names.ts';

/** Different answers that begin with one publication: subscribers differ in their names and in where they stood. */
const MOST_KEPT = 8;

interface Kept {
  readonly items: readonly PollItem[];
  readonly cursor: Timetoken;
  readonly bytes: Uint8Array;
}

/**
 * Answers to polls. A publication is encoded once, whoever gets it, and readers who wait for the same things get the
 * very same bytes.
 */
export class PollAnswers {
  readonly #postmark: Postmark;
  readonly #envelopes = new WeakMap<Publication, string>();
  readonly #answers = new WeakMap<Publication, Kept[]>();

  constructor(postmark: Postmark) {
    this.#postmark = postmark;
  }

  nothing(cursor: Timetoken): Answer {
    return { status: 200, type: 'javascript', body: `${this.#head(cursor)}]}` };
  }

  of(items: readonly PollItem[], cursor: Timetoken): Answer {
    const [first] = items;
    if (first === undefined) return this.nothing(cursor);
    let kept = this.#answers.get(first.publication);
    if (kept === undefined) {
      kept = [];
      this.#answers.set(first.publication, kept);
    }
    let answer = kept.find((one) => one.cursor === cursor && sameItems(one.items, items));
    if (answer === undefined) {
      answer = { items, cursor, bytes: this.#encode(items, cursor) };
      kept.push(answer);
      if (kept.length > MOST_KEPT) kept.shift();
    }
    return { status: 200, type: 'javascript', body: answer.bytes };
  }

  #encode(items: readonly PollItem[], cursor: Timetoken): Uint8Array {
    const envelopes = items.map(({ publication, by }) => this.#envelope(publication) + envelopeEnd(spelled(by)));
    return Buffer.from(`${this.#head(cursor)}${envelopes.join(',')}]}`);
  }

  #envelope(publication: Publication): string {
    let text = this.#envelopes.get(publication);
    if (text === undefined) {
      text = envelopeStart(publication, this.#postmark);
      this.#envelopes.set(publication, text);
    }
    return text;
  }

  #head(cursor: Timetoken): string {
    return `{"t":{"t":"${cursor}","r":${this.#postmark.region}},"m":[`;
  }
}

function sameItems(one: readonly PollItem[], other: readonly PollItem[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ publication, by }, at) => {
      const twin = other[at];
      return twin?.publication === publication && spelled(twin.by) === spelled(by);
    })
  );
}
