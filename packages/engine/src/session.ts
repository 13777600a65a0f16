import { type Code, expiresAt, type Principal, shownUser } from '@portcullis/policy';
import type { App } from './app.ts';
import type { Expiring } from './expiry.ts';
import { JoinedChannels } from './joined-channels.ts';
import { Outbox } from './outbox.ts';
import type { Codec, Outlet } from './ports/outlet.ts';
import type { Member, Sender } from './publication.ts';
import { NO_EXTRAS, senderOf } from './publisher.ts';
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
  /** ms for which it is kept without a proof that holds; absent: not at all. */
  readonly tokenGrace?: number;
  /** What only its client knows, and shows to be taken for it when it comes back; absent: it cannot. */
  readonly returnKey?: string | null;
}

/** How long a session's proof holds. A session that gets another proof gets another of these. */
export class Lease implements Expiring {
  readonly session: Session;
  /** ms since 1970; `Infinity` when no proof ends. */
  readonly expiresAt: number;
  ended = false;

  constructor(session: Session, until: number) {
    this.session = session;
    this.expiresAt = until;
  }
}

/** One join on its way. */
export interface JoinTicket {
  readonly channel: string;
  /** Why it must not be completed. */
  dead: Code | null;
}

/** Shared by all that have none: most connections are idle, and there are many. */
const NONE: readonly never[] = [];
const NO_TIMER = (): void => {};

/** One live connection: who it is, what it is joined to, and its way out. */
export class Session {
  readonly id: string;
  readonly app: App;
  readonly outlet: Outlet;
  readonly codec: Codec;
  readonly outbox: Outbox;
  readonly door: string;
  readonly address: string;
  readonly connectedAt: number;
  readonly tokenGrace: number;
  readonly returnKey: string | null;
  #principal: Principal;
  #self: Member;
  /** Made for the first publication: most connections only listen. */
  #sender: Sender | null = null;
  #lease: Lease;
  readonly subs = new JoinedChannels();
  /** Joins that wait for something. What takes the session off a channel ends them too. */
  joining: readonly JoinTicket[] = NONE;
  /** Subscriptions whose next page of what they missed waits until the session has taken what is queued. */
  behind: readonly Subscription[] = NONE;
  ended = false;
  /** Why its proof no longer holds, while another is waited for. */
  lapsed: Code | null = null;
  stopGraceTimer: () => void = NO_TIMER;
  /** Its identity has to be decided again before anything is delivered to it or answered. */
  dirty = false;
  corked = false;

  constructor(seed: SessionSeed) {
    this.id = seed.id;
    this.app = seed.app;
    this.outlet = seed.outlet;
    this.codec = seed.codec;
    this.outbox = new Outbox(seed.outlet, seed.codec);
    this.door = seed.door;
    this.address = seed.address;
    this.connectedAt = seed.connectedAt;
    this.tokenGrace = seed.tokenGrace ?? 0;
    this.returnKey = seed.returnKey ?? null;
    const { principal } = seed;
    this.#principal = principal;
    this.#self = memberOf(seed.id, principal);
    this.#lease = new Lease(this, expiresAt(principal));
  }

  get principal(): Principal {
    return this.#principal;
  }

  /** As rosters show it. */
  get self(): Member {
    return this.#self;
  }

  /** As its publications show it: nothing that is only stated. */
  get sender(): Sender {
    this.#sender ??= senderOf(this.id, this.#principal);
    return this.#sender;
  }

  get lease(): Lease {
    return this.#lease;
  }

  /** The one place where a session gets another proof. Whoever does this sees to the indexes and the expiry. */
  become(principal: Principal): void {
    this.#principal = principal;
    this.#self = memberOf(this.id, principal);
    this.#sender = null;
    this.#lease = new Lease(this, expiresAt(principal));
  }
}

function memberOf(session: string, principal: Principal): Member {
  const user = shownUser(principal) ?? '';
  if (principal.kind !== 'user') return { session, table: 0, row: 0, extras: NO_EXTRAS, user, proven: false };
  const { table, row, extras } = principal;
  return { session, table, row, extras, user, proven: true };
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
    case 'trigger':
      return `${principal.kind}:${principal.name}`;
  }
}
