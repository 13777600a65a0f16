import type { Publication, Sender } from '@portcullis/engine';
import { Recent } from '../shared/recent.ts';
import { announcedTexts, type Crowds, DOOR } from './crowds.ts';
import { bareItemText, isItem, itemText, messagesText, presenceText } from './wire-text.ts';

/** A turn's publications of one channel as messages of the wire. What several classes of readers share is encoded once. */
export class BatchTexts {
  readonly #recent = new Recent(encode);
  readonly #recentBare = new Recent(bareItemText);
  readonly #crowds: Crowds;

  constructor(crowds: Crowds) {
    this.#crowds = crowds;
  }

  /** In order: a run of messages is one message of the wire, a change of presence is one of its own. */
  of(batch: readonly Publication[]): readonly string[] {
    const texts: string[] = [];
    let run: Publication[] = [];
    let epoch: string | undefined;
    const close = () => {
      const text = this.#messages(run, epoch);
      if (text !== '') texts.push(text);
      run = [];
      epoch = undefined;
    };
    for (const publication of batch) {
      if (publication.kind === 'presence') {
        const told = this.#presence(publication);
        if (told.length > 0) close();
        texts.push(...told);
        continue;
      }
      if (!isItem(publication)) continue;
      const own = publication.position?.epoch;
      if (own !== undefined && epoch !== undefined && own !== epoch) close();
      epoch ??= own;
      run.push(publication);
    }
    close();
    return texts;
  }

  /** Several of one sender say once who it is: that is a third of what short messages take. */
  #messages(run: readonly Publication[], epoch: string | undefined): string {
    const [first] = run;
    if (first === undefined) return '';
    const sender = senderOfAll(run);
    const worded = sender === null ? this.#recent : this.#recentBare;
    const items = run.map((publication) => worded.of(publication));
    return messagesText(first.channel, epoch, items, sender);
  }

  #presence(publication: Publication): readonly string[] {
    if (publication.presence === undefined) return publication.door === DOOR ? announcedTexts(publication) : [];
    return this.#crowds.tells(publication) ? [this.#recent.of(publication)] : [];
  }
}

/** Who sent all of them, where there are two or more; `null`: not one, or a server. */
function senderOfAll(run: readonly Publication[]): Sender | null {
  const sender = run.length > 1 ? (run[0]?.sender ?? null) : null;
  return sender !== null && run.every((publication) => publication.sender === sender) ? sender : null;
}

function encode(publication: Publication): string {
  return publication.kind === 'presence' ? presenceText(publication) : itemText(publication);
}
