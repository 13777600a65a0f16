import type { IncomingMessage } from 'node:http';
import type { MaybePromise } from '@portcullis/engine';
import type { Identified } from '../shared/identified.ts';
import type { Connect } from './command.ts';
import type { Proofs, Surroundings } from './surroundings.ts';

/** The bearer token of a request, `undefined` when there is none. Never put it anywhere but into a verification. */
export function bearerOf({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  return /^bearer +([\x21-\x7e]+) *$/i.exec(headers.authorization ?? '')?.[1];
}

const TWO_TOKENS: Identified = {
  ok: false,
  code: 'request.malformed',
  reason: 'it came beside another; send one, in `connect` or in the header',
};

/** Who the tokens of one connection prove. */
export class Proving {
  readonly #app: string;
  readonly #identify: Surroundings['identify'];
  /** That of the request which opened the connection, until `connect` has come. */
  #bearer: string | undefined;
  /** The user id that `connect` stated; a later token is for the same. */
  #stated: string | undefined;

  constructor(app: string, request: IncomingMessage, identify: Surroundings['identify']) {
    this.#app = app;
    this.#identify = identify;
    this.#bearer = bearerOf(request);
  }

  atConnect({ token, user }: Connect): MaybePromise<Identified> {
    const bearer = this.#bearer;
    this.#bearer = undefined;
    if (token !== undefined && bearer !== undefined) return TWO_TOKENS;
    this.#stated = user;
    return this.#prove(token ?? bearer);
  }

  later(token: string): MaybePromise<Identified> {
    return this.#prove(token);
  }

  #prove(token: string | undefined): MaybePromise<Identified> {
    const proofs: Proofs = {
      ...(token !== undefined && { token }),
      ...(this.#stated !== undefined && { statedUser: this.#stated }),
    };
    return this.#identify(this.#app, proofs);
  }
}

/** A refused proof, as a sentence. */
export function wordUnproven({ reason }: { readonly reason: string }): string {
  return `The token is refused: ${reason}.`;
}
