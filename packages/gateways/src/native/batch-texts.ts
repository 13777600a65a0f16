import type { Publication } from '@portcullis/engine';
import { Recent } from '../shared/recent.ts';
import { announcedTexts, type Crowds, DOOR } from './crowds.ts';
import { itemText, messagesText, presenceText } from './wire-text.ts';

/** A turn's publications of one channel as messages of the wire. What several classes of readers share is encoded once. */
export class BatchTexts {
  readonly #recent = new Recent(encode);
  readonly #crowds: Crowds;

  constructor(crowds: Crowds) {
    this.#crowds = crowds;
  }

  /** In order: a run of messages is one message of the wire, a change of presence is one of its own. */
  of(batch: readonly Publication[]): readonly string[] {
    const texts: string[] = [];
    let run: string[] = [];
    let epoch: string | undefined;
    const [first] = batch;
    const close = () => {
      if (first !== undefined && run.length > 0) texts.push(messagesText(first.channel, epoch, run));
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
      const text = this.#recent.of(publication);
      if (text === '') continue;
      const own = publication.position?.epoch;
      if (own !== undefined && epoch !== undefined && own !== epoch) close();
      epoch ??= own;
      run.push(text);
    }
    close();
    return texts;
  }

  #presence(publication: Publication): readonly string[] {
    if (publication.presence === undefined) return publication.door === DOOR ? announcedTexts(publication) : [];
    return this.#crowds.tells(publication) ? [this.#recent.of(publication)] : [];
  }
}

function encode(publication: Publication): string {
  return publication.kind === 'presence' ? presenceText(publication) : itemText(publication);
}
