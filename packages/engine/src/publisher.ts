import type { JsonObject, Principal } from '@portcullis/policy';
import type { App } from './app.ts';
import type { Sender } from './publication.ts';

/** What others see of anybody who is not proven. */
export const NO_EXTRAS: JsonObject = Object.freeze({});

/** Who publishes: a session, or a caller that holds no connection. */
export interface Publisher {
  readonly app: App;
  readonly principal: Principal;
  readonly sender: Sender;
  /** Session id; `''` without a connection. */
  readonly id: string;
  readonly ended: boolean;
  /** What it is joined to; `null` without a connection: *joined* then reads *may join now*. */
  readonly subs: { has(channel: string): boolean } | null;
}

/** A caller without a connection, for the length of one call. */
export function callerOf(app: App, principal: Principal): Publisher {
  return { app, principal, sender: senderOf('', principal), id: '', ended: false, subs: null };
}

/** As publications show who sent them: what is only stated is a label. */
export function senderOf(session: string, principal: Principal): Sender {
  switch (principal.kind) {
    case 'user': {
      const { user, table, row, extras } = principal;
      return { session, user, table, row, extras };
    }
    case 'stated':
      return { session, user: '', table: 0, row: 0, extras: NO_EXTRAS, claimed: principal.user };
    case 'server':
      return { session, user: '', table: 0, row: 0, extras: NO_EXTRAS, claimed: principal.as ?? 'server' };
    case 'trigger':
      return { session, user: '', table: 0, row: 0, extras: NO_EXTRAS, claimed: 'server' };
    case 'anonymous':
      return { session, user: '', table: 0, row: 0, extras: NO_EXTRAS };
  }
}
