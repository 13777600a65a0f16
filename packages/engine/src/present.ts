import { type AccessRequest, type Denied, type JsonObject, type Principal, shownUser } from '@portcullis/policy';
import type { App } from './app.ts';
import type { Core } from './core.ts';
import { forgetSession } from './ending.ts';
import { LABEL } from './labels.ts';
import { announceState, depart, enter } from './membership.ts';
import { NO_CODEC, NO_OUTLET } from './no-wire.ts';
import type { Member } from './publication.ts';
import { Session } from './session.ts';
import type { PresenceCall, PresenceOutcome } from './stateless-api.ts';
import type { Subscription } from './subscription.ts';

/** How often those who fell silent are looked for, ms. */
const SWEEP_MS = 1_000;

/** Who is present in an app without holding a connection: users who said so lately, each as one session without a way out. */
export class Present {
  readonly #core: Core;
  readonly #app: App;
  /** By who they are: a proven user and a stated id of the same name are two. */
  readonly #sessions = new Map<string, Session>();
  /** When each presence ends unless it is heard of again, ms since 1970. */
  readonly #deadlines = new Map<Subscription, number>();
  #stopSweep: (() => void) | null = null;

  constructor(core: Core, app: App) {
    this.#core = core;
    this.#app = app;
  }

  /** All of the channels, or none of them. */
  heartbeat(
    call: PresenceCall & { readonly timeout: number; readonly state?: ReadonlyMap<string, JsonObject> },
  ): PresenceOutcome {
    const refused = this.#decide(call, 'heartbeat');
    if (refused) return refused;
    if (shownUser(call.principal) === undefined) return { ok: true };
    const session = this.#sessionOf(call.principal);
    for (const channel of call.channels) {
      const known = session.subs.get(channel);
      const state = call.state?.get(channel);
      const sub = known ?? this.#enter(session, channel, state);
      if (known && state && !sameState(known.state, state)) this.#changeState(known, state);
      this.#deadlines.set(sub, this.#core.clock.now() + call.timeout);
    }
    this.#endIfAlone(session);
    this.#sweepLater();
    return { ok: true };
  }

  depart(call: PresenceCall): void {
    const session = this.#sessions.get(keyOf(call.principal));
    if (!session) return;
    for (const channel of call.channels) {
      const sub = session.subs.get(channel);
      if (sub) this.#depart(sub, 'leave');
    }
    this.#endIfAlone(session);
  }

  setState(call: PresenceCall & { readonly state: JsonObject }): PresenceOutcome {
    const refused = this.#decide(call, 'state.set');
    if (refused) return refused;
    for (const session of this.#ownedBy(call.principal)) {
      for (const channel of call.channels) {
        const sub = session.subs.get(channel);
        if (sub) this.#changeState(sub, call.state);
      }
    }
    return { ok: true };
  }

  stateOf(channel: string, { user, proven }: Pick<Member, 'user' | 'proven'>): JsonObject | null {
    for (const kind of proven ? (['user'] as const) : (['stated', 'server'] as const)) {
      const state = this.#sessions.get(keyBy(kind, user))?.subs.get(channel)?.state;
      if (state) return state;
    }
    return null;
  }

  /** Its own session; a server's are all that go by the user id it names. */
  #ownedBy(principal: Principal): readonly Session[] {
    const user = shownUser(principal) ?? '';
    const kinds = principal.kind === 'server' ? (['user', 'stated', 'server'] as const) : [principal.kind];
    return kinds.flatMap((kind) => this.#sessions.get(keyBy(kind, user)) ?? []);
  }

  close(): void {
    this.#stopSweep?.();
    this.#stopSweep = null;
  }

  #enter(session: Session, channel: string, state: JsonObject | undefined): Subscription {
    return enter(this.#core, session, channel, {
      labels: LABEL.everyone,
      listens: false,
      ...(state ? { state } : {}),
    });
  }

  #changeState(sub: Subscription, state: JsonObject): void {
    sub.state = state;
    announceState(this.#core, sub);
  }

  #depart(sub: Subscription, action: 'leave' | 'timeout'): void {
    this.#deadlines.delete(sub);
    depart(this.#core, sub, action);
  }

  /** A renewed token is another principal: it takes the place of the old one without anybody's leaving. */
  #sessionOf(principal: Principal): Session {
    const key = keyOf(principal);
    const known = this.#sessions.get(key);
    if (known && !known.ended && sameProofs(known.principal, principal)) return known;
    const seed = { app: this.#app, principal, outlet: NO_OUTLET, codec: NO_CODEC, door: 'pubnub', address: '' };
    const session = new Session({ ...seed, id: this.#core.ids.session(), connectedAt: this.#core.clock.now() });
    this.#app.sessions.set(session.id, session);
    this.#app.index.add(session);
    this.#core.watchExpiry(session);
    this.#sessions.set(key, session);
    if (known && !known.ended) this.#move(known, session);
    return session;
  }

  #move(from: Session, to: Session): void {
    for (const sub of from.subs.all()) {
      const moved = this.#enter(to, sub.channel, sub.state ?? undefined);
      this.#deadlines.set(moved, this.#deadlines.get(sub) ?? this.#core.clock.now());
      this.#depart(sub, 'leave');
    }
    forgetSession(this.#core, from);
  }

  #endIfAlone(session: Session): void {
    if (session.subs.size > 0) return;
    forgetSession(this.#core, session);
    if (this.#sessions.get(keyOf(session.principal)) === session) this.#sessions.delete(keyOf(session.principal));
  }

  #sweepLater(): void {
    if (this.#deadlines.size === 0 || this.#stopSweep) return;
    this.#stopSweep = this.#core.clock.after(SWEEP_MS, () => {
      this.#stopSweep = null;
      this.#sweep();
      this.#sweepLater();
    });
  }

  #sweep(): void {
    const now = this.#core.clock.now();
    for (const [sub, deadline] of this.#deadlines) {
      if (sub.session.ended || sub.session.subs.get(sub.channel) !== sub) this.#deadlines.delete(sub);
      else if (deadline <= now) this.#depart(sub, 'timeout');
      else continue;
      this.#endIfAlone(sub.session);
    }
  }

  #decide(
    call: PresenceCall,
    operation: 'heartbeat' | 'state.set',
  ): Extract<PresenceOutcome, { ok: false }> | undefined {
    const failed: string[] = [];
    let first: { readonly denied: Denied; readonly request: AccessRequest } | undefined;
    for (const name of call.channels) {
      const request: AccessRequest = {
        operation,
        principal: call.principal,
        now: this.#core.clock.now(),
        name,
        ...(call.via ? { via: call.via } : {}),
      };
      const decision = this.#app.admissions.subtract(request, this.#core.decide(this.#app, request), 'refuse');
      if (decision.allowed) continue;
      failed.push(name);
      first ??= { denied: decision, request };
    }
    return first && { ok: false, ...first, names: failed };
  }
}

function keyOf(principal: Principal): string {
  return keyBy(principal.kind, shownUser(principal) ?? '');
}

const keyBy = (kind: Principal['kind'], user: string): string => `${kind} ${user}`;

function sameProofs(a: Principal, b: Principal): boolean {
  return (
    a.credentials.length === b.credentials.length && a.credentials.every(({ id }, at) => id === b.credentials[at]?.id)
  );
}

function sameState(a: JsonObject | null, b: JsonObject): boolean {
  return a !== null && JSON.stringify(a) === JSON.stringify(b);
}
