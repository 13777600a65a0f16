import type { IncomingMessage } from 'node:http';
import type { MaybePromise, Refused } from '@portcullis/engine';
import type { Principal } from '@portcullis/policy';
import type { Identified, NotIdentified } from '../shared/identified.ts';
import type { Arrival } from '../shared/line-owner.ts';
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
  readonly #arrival: Pick<Arrival, 'app' | 'address'>;
  readonly #around: Pick<Surroundings, 'identify' | 'engine'>;
  /** That of the request which opened the connection, until `connect` has come. */
  #bearer: string | undefined;
  /** The user id that `connect` stated; a later token is for the same. */
  #stated: string | undefined;

  constructor(
    arrival: Pick<Arrival, 'app' | 'address'>,
    request: IncomingMessage,
    around: Pick<Surroundings, 'identify' | 'engine'>,
  ) {
    this.#arrival = arrival;
    this.#around = around;
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

  /** What the client is told. What proves nothing is counted and told of as well, unless it is to be shown again. */
  refused(known: NotIdentified, principal?: Principal): Refused {
    const [code, message] = [known.code, wordUnproven(known)];
    if (known.retry) return { ok: false, code, message };
    const { app, address } = this.#arrival;
    return this.#around.engine.turnAway(app, { code, message, address, ...(principal && { principal }) });
  }

  #prove(token: string | undefined): MaybePromise<Identified> {
    const proofs: Proofs = {
      ...(token !== undefined && { token }),
      ...(this.#stated !== undefined && { statedUser: this.#stated }),
    };
    return this.#around.identify(this.#arrival.app, proofs);
  }
}

/** A refused proof, as a sentence. */
export function wordUnproven({ reason }: { readonly reason: string }): string {
  return `The token is refused: ${reason}.`;
}
