import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Code, Principal } from '@portcullis/policy';
import type { Identified } from '../../shared/identified.ts';
import type { Keepalive } from '../../shared/keepalive.ts';
import { bearerOf, wordUnproven } from '../proofs.ts';
import type { NativeApp, Proofs } from '../surroundings.ts';
import type { HttpDeps } from './http-app.ts';
import { Refusal } from './problem.ts';
import type { Query } from './read-query.ts';
import type { Tickets } from './tickets.ts';

/** One request to this door, of a known app. */
export interface Call {
  readonly deps: HttpDeps;
  readonly tickets: Tickets;
  readonly keepalive: Keepalive;
  /** ms between signs of life on a stream. */
  readonly pingInterval: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly app: string;
  readonly native: NativeApp;
  readonly query: Query;
  readonly address: string;
}

/** What the request carries to say who asks. */
export function proofsOf(call: Call, statedUser: string | undefined): Proofs {
  const { request } = call;
  const token = bearerOf(request);
  if (token === undefined && request.headers.authorization !== undefined) {
    throw turnAway(call, 'identity.malformed', 'The header `Authorization` has to be `Bearer` and a token.');
  }
  return {
    ...(token !== undefined && { token }),
    ...(statedUser !== undefined && { statedUser }),
  };
}

export function provenOrRefused(call: Call, known: Identified): Principal {
  if (known.ok) return known.principal;
  // Who has to come back because keys cannot be had is not refused.
  if (known.retry) throw new Refusal(known.code, wordUnproven(known));
  throw turnAway(call, known.code, wordUnproven(known));
}

/** What the request shows proves nothing: counted and told. */
export function turnAway({ deps, app, address }: Call, code: Code, message: string): Refusal {
  return new Refusal(code, deps.engine.turnAway(app, { code, message, address }).message);
}
