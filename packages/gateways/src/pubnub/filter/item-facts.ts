import type { Publication } from '@portcullis/engine';
import type { Json } from '@portcullis/policy';
import { presenceEvent } from '../messaging/presence-event.ts';
import type { Facts } from './evaluate.ts';

/** What filters read of a publication, parsed when the first of them asks. */
export class ItemFacts implements Facts {
  readonly #publication: Publication;
  #meta: { readonly value: Json | undefined } | undefined;
  #data: { readonly value: Json | undefined } | undefined;

  constructor(publication: Publication) {
    this.#publication = publication;
  }

  get meta(): Json | undefined {
    this.#meta ??= { value: this.#read('meta') };
    return this.#meta.value;
  }

  get data(): Json | undefined {
    this.#data ??= { value: this.#read('data') };
    return this.#data.value;
  }

  #read(part: 'meta' | 'data'): Json | undefined {
    const publication = this.#publication;
    if (publication.kind !== 'presence') return parsed(publication[part]);
    const event = presenceEvent(publication);
    return part === 'meta' ? event.meta : parsed(event.data);
  }
}

function parsed(text: string | undefined): Json | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
