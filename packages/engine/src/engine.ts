import {
  type AccessRequest,
  type Explanation,
  explain,
  type Policy,
  type PolicySource,
  type Principal,
  type Rule,
} from '@portcullis/policy';
import type { App } from './app.ts';
import { defineApp, removeApp } from './app-lifetime.ts';
import { commit } from './authority.ts';
import { Core, type EngineDeps, refusal } from './core.ts';
import { endAway, endSession } from './ending.ts';
import type {
  AppDefinition,
  ChannelInfo,
  ConnectOptions,
  EngineApi,
  HoldAnswer,
  ServerEvent,
  SessionInfo,
} from './engine-api.ts';
import { sendEvent } from './event.ts';
import { expireDue } from './expire-due.ts';
import { flushTurn, receive } from './fan-out.ts';
import { kick, unsubscribe } from './holds.ts';
import { openSession } from './opening.ts';
import type { CommitAck, EventOutcome, Refused, TurnedAway } from './outcome.ts';
import type { AppEvents } from './ports/events.ts';
import type { Ending } from './ports/outlet.ts';
import type { Change, StoredApp } from './ports/store.ts';
import type { StoredTrigger } from './ports/store-triggers.ts';
import type { Member } from './publication.ts';
import { membersOf } from './roster.ts';
import type { SessionApi } from './session-api.ts';
import { SessionHandle } from './session-handle.ts';
import { Settling } from './settling.ts';
import { Stateless } from './stateless.ts';
import type { StatelessApi } from './stateless-api.ts';
import { describeChannel, describeSession } from './views.ts';

/** How often a drain looks whether slow readers have taken what waits for them. */
const DRAIN_STEP_MS = 10;

/** The composition of all of it: apps, sessions, and the ports they stand on. */
export class Engine implements EngineApi {
  /** What doors without connections use. */
  readonly stateless: StatelessApi;
  readonly #core: Core;
  #draining = false;

  constructor(deps: EngineDeps) {
    this.#core = new Core(deps, (core) => new Settling(core));
    this.stateless = new Stateless(this.#core);
    this.#core.onEndOfTurn(() => flushTurn(this.#core));
    this.#core.lonely.onDue((session) => endSession(this.#core, session, 'limit.joinTimeout'));
    this.#core.away.onDue((session) => endAway(this.#core, session));
    this.#core.expiryTimer.onDue(() => expireDue(this.#core));
    deps.broker.onPublication((publication) => receive(this.#core, publication));
  }

  /** Continues ids and timetokens where the store's stand. Call once, before the first `define`. */
  resume(state: { readonly nextId: number; readonly timetoken: bigint }): void {
    this.#core.resumeIds(state.nextId);
    this.#core.broker.floor(state.timetoken);
  }

  async define(definition: AppDefinition, stored: StoredApp | null): Promise<CommitAck> {
    return defineApp(this.#core, definition, stored);
  }

  async remove(id: string): Promise<void> {
    const app = this.#core.apps.get(id);
    if (app) await removeApp(this.#core, app);
  }

  has(app: string): boolean {
    return this.#core.apps.has(app);
  }

  connect(options: ConnectOptions): SessionApi | Refused {
    const core = this.#core;
    const app = core.apps.get(options.app);
    if (!app) return refusal('app.unknown-key');
    if (this.#draining) return refusal('session.restarting');
    const now = core.clock.now();
    const request: AccessRequest = { operation: 'connect', principal: options.principal, now };
    const decision = core.decide(app, request);
    if (!decision.allowed) return core.refuse(app, request, decision, options.address);
    return new SessionHandle(core, openSession(core, app, options));
  }

  turnAway(app: string, refusal: TurnedAway): Refused {
    return this.#core.turnAway(app, refusal);
  }

  async commit(id: string, changes: readonly Change[], by?: Principal): Promise<CommitAck> {
    return commit(this.#core, this.#app(id), changes, { by });
  }

  nextId(): number {
    return this.#core.takeId();
  }

  events(id: string): AppEvents {
    return this.#app(id).events;
  }

  async event(event: ServerEvent): Promise<EventOutcome> {
    return sendEvent(this.#core, this.#app(event.app), event);
  }

  explain(id: string, request: AccessRequest): Explanation {
    return explain(request, this.#app(id).policy);
  }

  rules(id: string): readonly Rule[] {
    return this.#app(id).policy.source.rules;
  }

  source(id: string): PolicySource {
    return this.#app(id).policy.source;
  }

  policy(id: string): Policy {
    return this.#app(id).policy;
  }

  storedTriggers(id: string): readonly StoredTrigger[] {
    return this.#app(id).stored.triggers;
  }

  sessions(id: string, filter: { readonly user?: string; readonly channel?: string } = {}): readonly SessionInfo[] {
    const app = this.#app(id);
    const candidates = filter.user === undefined ? app.sessions.values() : app.index.user.of(filter.user);
    const found = [...candidates].filter(
      ({ subs }) => filter.channel === undefined || subs.get(filter.channel) !== undefined,
    );
    return found.map(describeSession);
  }

  channels(id: string): readonly ChannelInfo[] {
    const app = this.#app(id);
    return [...app.channels.values()].map((channel) => describeChannel(app, channel));
  }

  roster(id: string, channel: string): readonly Member[] {
    const live = this.#app(id).channels.get(channel);
    return live ? membersOf(live, Number.POSITIVE_INFINITY) : [];
  }

  async kick(id: string, sessionId: string, hold: number, reason: string): Promise<HoldAnswer | undefined> {
    const app = this.#app(id);
    const session = app.sessions.get(sessionId);
    return session && kick(this.#core, app, session, hold, reason);
  }

  async unsubscribe(id: string, user: string, channel: string, hold: number, reason: string): Promise<HoldAnswer> {
    return unsubscribe(this.#core, this.#app(id), user, channel, hold, reason);
  }

  async drain(ending: Ending, deadline: number): Promise<void> {
    const core = this.#core;
    this.#draining = true;
    flushTurn(core);
    const sessions = [...core.apps.values()].flatMap((app) => [...app.sessions.values()]);
    const until = core.clock.now() + deadline;
    while (sessions.some((session) => session.outbox.queued > 0) && core.clock.now() < until) {
      await new Promise<void>((resolve) => core.clock.after(DRAIN_STEP_MS, resolve));
    }
    for (const session of sessions) endSession(core, session, ending.code, ending.message);
    for (const app of core.apps.values()) app.present?.close();
    core.expiryTimer.stop();
  }

  #app(id: string): App {
    const app = this.#core.apps.get(id);
    if (!app) throw new RangeError(`No app "${id}".`);
    return app;
  }
}
