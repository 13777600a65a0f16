import type { Audience } from '../audience.ts';
import type { Principal } from '../principal.ts';

/** A reader, as far as audiences distinguish readers. */
export interface Reader {
  readonly principal: Principal;
  /** Counts as authenticated at the channel gate. */
  readonly authenticated: boolean;
  readonly session: string | undefined;
}

/** Whether a live item published to the audience goes to the reader, as far as the audience decides. */
export function addressed(audience: Audience, { principal, authenticated, session }: Reader): boolean {
  switch (audience.to) {
    case 'everyone':
      return audience.anonymous || authenticated;
    case 'authenticated':
      return principal.kind === 'user' || principal.kind === 'server';
    case 'table':
      return principal.kind === 'user' && same(principal.table, audience.table);
    case 'row':
      return principal.kind === 'user' && same(principal.table, audience.table) && same(principal.row, audience.row);
    case 'user':
      return principal.kind === 'user' && principal.user === audience.user;
    case 'session':
      return principal.kind !== 'server' && session !== undefined && session === audience.session;
    case 'presence':
      return true;
  }
}

/**
 * The same of a stored item. Private items belong to a pair of proven users, whatever session they read from; those
 * between others, and presence, are never kept. `widen`: a later rule may widen what an item to everyone meant.
 */
export function addressedInHistory(audience: Audience, reader: Reader, widen: boolean): boolean {
  const { principal } = reader;
  switch (audience.to) {
    case 'everyone':
      return widen || addressed(audience, reader);
    case 'user':
      return addressed(audience, reader) || (principal.kind === 'user' && principal.user === audience.from);
    case 'session':
      return principal.kind === 'user' && audience.pair !== undefined && audience.pair.includes(principal.user);
    case 'presence':
      return false;
    case 'authenticated':
    case 'table':
    case 'row':
      return addressed(audience, reader);
  }
}

/** Ids of tables and rows are numbers or text; a number and its decimal spelling are one id. */
const same = (a: number | string, b: number | string): boolean => String(a) === String(b);
