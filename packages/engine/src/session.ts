import { type Code, expiresAt, type Principal, shownUser } from '@portcullis/policy';
import type { App } from './app.ts';
import type { Expiring } from './expiry.ts';
import { Outbox } from './outbox.ts';
import type { Codec, Outlet } from './ports/outlet.ts';
import type { Member, Sender } from './publication.ts';
import { senderOf } from './publisher.ts';
import { RosterPace } from './roster-pace.ts';
import type { Subscription } from './subscription.ts';

export interface SessionSeed {
  readonly id: string;
  readonly app: App;
  readonly principal: Principal;
  readonly outlet: Outlet;
  readonly codec: Codec;
  readonly door: string;
  readonly address: string;
  /** ms since 1970. */
  readonly connectedAt: number;
}

/** One join on its way. */
export interface JoinTicket {
  readonly channel: string;
  /** Why it must not be completed. */
  dead: Code | null;
}

/** One live connection: who it is, what it is joined to, and its way out. */
export class Session implements Expiring {
  readonly id: string;
  readonly app: App;
  readonly principal: Principal;
  readonly outlet: Outlet;
  readonly codec: Codec;
  readonly outbox: Outbox;
  readonly door: string;
  readonly address: string;
  readonly connectedAt: number;
  /** ms since 1970; `Infinity` when no proof ends. */
  readonly expiresAt: number;
  /** As rosters show it. */
  readonly self: Member;
  /** As its publications show it: nothing that is only stated. */
  readonly sender: Sender;
  readonly subs = new Map<string, Subscription>();
  /** Joins that wait for something. What takes the session off a channel ends them too. */
  readonly joining = new Set<JoinTicket>();
  readonly rosters = new RosterPace();
  ended = false;
  /** Its identity has to be decided again before anything is delivered to it or answered. */
  dirty = false;
  corked = false;
  /** Calls off the timer that ends a connection which is in no channel. */
  stopLonelyTimer: () => void = () => {};

  constructor(seed: SessionSeed) {
    this.id = seed.id;
    this.app = seed.app;
    this.principal = seed.principal;
    this.outlet = seed.outlet;
    this.codec = seed.codec;
    this.outbox = new Outbox(seed.outlet, seed.codec);
    this.door = seed.door;
    this.address = seed.address;
    this.connectedAt = seed.connectedAt;
    this.expiresAt = expiresAt(seed.principal);
    const { principal } = seed;
    const proven = principal.kind === 'user';
    const shown = {
      session: seed.id,
      table: proven ? principal.table : 0,
      row: proven ? principal.row : 0,
      extras: proven ? principal.extras : {},
    };
    this.self = { ...shown, user: shownUser(principal) ?? '', proven };
    this.sender = senderOf(seed.id, principal);
  }
}

/** Ends the session's joins of a channel that wait for something. Answers whether there were any. */
export function endJoins(session: Session, channel: string, code: Code): boolean {
  let ended = false;
  for (const ticket of session.joining) {
    if (ticket.channel !== channel) continue;
    ticket.dead ??= code;
    ended = true;
  }
  return ended;
}

/** How denial counts and the audit trail name a principal. */
export function principalLabel(principal: Principal): string {
  switch (principal.kind) {
    case 'anonymous':
      return 'anonymous';
    case 'user':
      return `user:${principal.user}`;
    case 'stated':
      return `stated:${principal.user}`;
    case 'server':
      return `server:${principal.name}`;
  }
}
