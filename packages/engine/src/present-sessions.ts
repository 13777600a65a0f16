import { type Principal, shownUser } from '@portcullis/policy';
import type { App } from './app.ts';
import type { Core } from './core.ts';
import { forgetSession } from './ending.ts';
import { NO_CODEC, NO_OUTLET } from './no-wire.ts';
import { Session } from './session.ts';
import { settleIfMarked } from './settle-channel.ts';
import type { Subscription } from './subscription.ts';

/**
 * Sessions of those who are present without a connection. A user has one for each set of proofs it shows: several devices
 * with tokens of their own are there beside one another, and what one token loses, the others keep.
 */
export class PresentSessions {
  readonly #core: Core;
  readonly #app: App;
  /** By user, then by proofs. */
  readonly #users = new Map<string, Map<string, Session>>();

  constructor(core: Core, app: App) {
    this.#core = core;
    this.#app = app;
  }

  /** The one of these very proofs, made where none of them is anywhere. */
  of(principal: Principal): Session {
    const key = keyOf(principal);
    const proofs = proofsOf(principal);
    const known = this.#users.get(key)?.get(proofs);
    if (known) {
      if (!known.ended && known.subs.size > 0) return known;
      this.forgetIfAlone(known);
    }
    const seed = { app: this.#app, principal, outlet: NO_OUTLET, codec: NO_CODEC, door: 'pubnub', address: '' };
    const session = new Session({ ...seed, id: this.#core.ids.session(), connectedAt: this.#core.clock.now() });
    this.#app.sessions.set(session.id, session);
    this.#app.index.add(session);
    this.#core.watchExpiry(session);
    const own = this.#users.get(key) ?? new Map<string, Session>();
    this.#users.set(key, own.set(proofs, session));
    return session;
  }

  /** Where a user is on a channel, once for each of its sessions there. Whoever is marked for a new decision is decided first. */
  subsOf(user: string, channel: string): readonly Subscription[] {
    const subs: Subscription[] = [];
    for (const session of [...(this.#users.get(user)?.values() ?? [])]) {
      settleIfMarked(this.#core, session, channel);
      const sub = session.subs.get(channel);
      if (sub) subs.push(sub);
    }
    return subs;
  }

  /** One that is nowhere any more is nobody. */
  forgetIfAlone(session: Session): void {
    if (session.subs.size > 0) return;
    forgetSession(this.#core, session);
    const key = keyOf(session.principal);
    const proofs = proofsOf(session.principal);
    const own = this.#users.get(key);
    if (own?.get(proofs) !== session) return;
    own.delete(proofs);
    if (own.size === 0) this.#users.delete(key);
  }
}

/** Who it is: a proven user and a stated id of the same name are two. */
export function keyOf(principal: Principal): string {
  return keyBy(principal.kind, shownUser(principal) ?? '');
}

export const keyBy = (kind: Principal['kind'], user: string): string => `${kind} ${user}`;

/** By what it proves that: a renewed token is another proof. */
function proofsOf(principal: Principal): string {
  const ids = principal.credentials.map(({ id }) => id);
  return JSON.stringify(principal.kind === 'server' ? [principal.name, ...ids] : ids);
}
