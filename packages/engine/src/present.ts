import { type JsonObject, type Principal, shownUser } from '@portcullis/policy';
import type { App } from './app.ts';
import type { Core } from './core.ts';
import { refusePresence } from './decide-presence.ts';
import { KeptStates } from './kept-states.ts';
import { LABEL } from './labels.ts';
import { announceState, depart, enter } from './membership.ts';
import { keyBy, keyOf, PresentSessions } from './present-sessions.ts';
import type { Member } from './publication.ts';
import type { Session } from './session.ts';
import { settleChannel } from './settle-channel.ts';
import type { HeartbeatCall, PresenceCall, PresenceOutcome, SetStateCall } from './stateless-api.ts';
import type { Subscription } from './subscription.ts';

/** How often those who fell silent are looked for, ms. */
const SWEEP_MS = 1_000;

/** How long a presence holds. */
interface Term {
  /** It ends then unless it is heard of again, ms since 1970. */
  readonly until: number;
  /** The timeout its client said last, ms. */
  readonly stated: number | undefined;
}

/**
 * Who is present in an app without holding a connection: users who said so lately, in sessions without a way out. What
 * is of the user and not of one of its sessions: it leaves with all of them, and they say the same of it.
 */
export class Present {
  readonly #core: Core;
  readonly #app: App;
  readonly #sessions: PresentSessions;
  readonly #terms = new Map<Subscription, Term>();
  readonly #kept: KeptStates;
  #stopSweep: (() => void) | null = null;

  constructor(core: Core, app: App) {
    this.#core = core;
    this.#app = app;
    this.#sessions = new PresentSessions(core, app);
    this.#kept = new KeptStates(core, app);
  }

  /** All of the channels, or none of them. */
  heartbeat(call: HeartbeatCall): PresenceOutcome {
    const refused = refusePresence(this.#core, this.#app, call, 'heartbeat');
    if (refused) return refused;
    if (shownUser(call.principal) === undefined) return { ok: true };
    const session = this.#sessions.of(call.principal);
    for (const channel of call.channels) {
      // What was announced may have been written out at once, and the clock looked at: its proof can have ended.
      if (session.ended) break;
      this.#stay(session, channel, call);
    }
    this.#sessions.forgetIfAlone(session);
    this.#sweepLater();
    return { ok: true };
  }

  /** A user leaves with all its sessions: who says it is known by its user id alone. */
  depart(call: PresenceCall): void {
    const user = keyOf(call.principal);
    for (const channel of call.channels) {
      for (const sub of this.#sessions.subsOf(user, channel)) {
        this.#depart(sub, 'leave');
        this.#sessions.forgetIfAlone(sub.session);
      }
      for (const key of takenBy(call.principal)) this.#kept.drop(key, channel);
    }
  }

  setState(call: SetStateCall): PresenceOutcome {
    const refused = refusePresence(this.#core, this.#app, call, 'state.set');
    if (refused) return refused;
    if (shownUser(call.principal) === undefined) return { ok: true };
    const own = keyOf(call.principal);
    for (const channel of call.channels) {
      const owned = ownedBy(call.principal);
      const subs = owned.flatMap((user) => this.#sessions.subsOf(user, channel));
      this.#say(subs, call.state);
      for (const user of owned) {
        const keeps = user === own ? subs.length === 0 : this.#kept.has(user, channel);
        if (keeps) this.#kept.put(user, channel, call);
      }
    }
    this.#sweepLater();
    return { ok: true };
  }

  stateOf(channel: string, { user, proven }: Pick<Member, 'user' | 'proven'>): JsonObject | null {
    const live = this.#app.channels.get(channel);
    if (live?.dirty) settleChannel(this.#core, live);
    if (live?.overshadows({ user, proven })) return null;
    for (const kind of proven ? (['user'] as const) : (['stated', 'server'] as const)) {
      const key = keyBy(kind, user);
      const state = this.#saidBy(key, channel) ?? this.#kept.of(key, channel);
      if (state) return state;
    }
    return null;
  }

  close(): void {
    this.#stopSweep?.();
    this.#stopSweep = null;
  }

  #stay(session: Session, channel: string, { state: states, timeout, usual, via }: HeartbeatCall): void {
    const state = states?.get(channel);
    const sub = session.subs.get(channel) ?? this.#enter(session, channel, state);
    if (via && 'group' in via && !sub.groups.includes(via.group)) sub.groups = [...sub.groups, via.group];
    const stated = timeout ?? this.#terms.get(sub)?.stated;
    this.#terms.set(sub, { stated, until: this.#core.clock.now() + (stated ?? usual) });
    if (!state) return;
    const subs = this.#sessions.subsOf(keyOf(session.principal), channel);
    this.#say(
      subs.filter((other) => !isSame(other.state, state)),
      state,
    );
  }

  /** With what the user says of itself there already, or said before it came. */
  #enter(session: Session, channel: string, said: JsonObject | undefined): Subscription {
    const { principal } = session;
    const state = said ?? this.#saidBy(keyOf(principal), channel) ?? this.#keptFor(principal, channel);
    for (const key of takenBy(principal)) this.#kept.drop(key, channel);
    return enter(this.#core, session, channel, {
      labels: LABEL.everyone,
      listens: false,
      ...(state ? { state } : {}),
    });
  }

  #saidBy(user: string, channel: string): JsonObject | null {
    return this.#sessions.subsOf(user, channel).find(({ state }) => state)?.state ?? null;
  }

  /** What servers set is for whoever comes by that user id. */
  #keptFor(principal: Principal, channel: string): JsonObject | null {
    const ofServers = keyBy('server', shownUser(principal) ?? '');
    return this.#kept.of(keyOf(principal), channel) ?? this.#kept.of(ofServers, channel);
  }

  /** Sessions of one user say something else: where users are listed by their ids, once. */
  #say(subs: readonly Subscription[], state: JsonObject): void {
    for (const sub of subs) sub.state = state;
    let told = false;
    for (const sub of subs) {
      if (sub.session.subs.get(sub.channel) !== sub) continue;
      announceState(this.#core, sub, told);
      told = true;
    }
  }

  #depart(sub: Subscription, action: 'leave' | 'timeout'): void {
    this.#terms.delete(sub);
    depart(this.#core, sub, action);
  }

  #sweepLater(): void {
    if (this.#stopSweep || this.#terms.size + this.#kept.size === 0) return;
    this.#stopSweep = this.#core.clock.after(SWEEP_MS, () => {
      this.#stopSweep = null;
      this.#sweep();
      this.#sweepLater();
    });
  }

  #sweep(): void {
    this.#kept.sweep();
    const now = this.#core.clock.now();
    for (const [sub, { until }] of this.#terms) {
      if (sub.session.ended || sub.session.subs.get(sub.channel) !== sub) this.#terms.delete(sub);
      else if (until <= now) this.#depart(sub, 'timeout');
      else continue;
      this.#sessions.forgetIfAlone(sub.session);
    }
  }
}

/** Whose state it sets: its own user's; a server, that of all who go by the user id it names. */
function ownedBy(principal: Principal): readonly string[] {
  const user = shownUser(principal) ?? '';
  const kinds = principal.kind === 'server' ? (['user', 'stated', 'server'] as const) : [principal.kind];
  return kinds.map((kind) => keyBy(kind, user));
}

/** Whose kept state is used up when it comes or goes. What a server set for a user, one who only states the id uses up for nobody. */
function takenBy(principal: Principal): readonly string[] {
  const own = keyOf(principal);
  return principal.kind === 'user' ? [own, keyBy('server', principal.user)] : [own];
}

function isSame(a: JsonObject | null, b: JsonObject): boolean {
  return a !== null && JSON.stringify(a) === JSON.stringify(b);
}
