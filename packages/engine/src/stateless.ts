import type { AccessRequest, Decision, Denied, PolicySource, Principal } from '@portcullis/policy';
import { askAdmissions } from './admissions.ts';
import type { App } from './app.ts';
import { commit } from './authority.ts';
import type { Core } from './core.ts';
import { forgetDeleted } from './forget-deleted.ts';
import { here, whereIs } from './here.ts';
import { isPromise, type MaybePromise } from './maybe-promise.ts';
import type { CommitAck, PublishOutcome, Refused, TurnedAway } from './outcome.ts';
import { place } from './placing.ts';
import type { Polls } from './polls.ts';
import type { AppEvents } from './ports/events.ts';
import type { Change } from './ports/store.ts';
import type { Present } from './present.ts';
import type { Draft, Member, Timetoken } from './publication.ts';
import { publish } from './publish.ts';
import { callerOf } from './publisher.ts';
import type { HereNow, Poll, PollRequest, PresenceCall, StatelessApi, StatelessPublish } from './stateless-api.ts';

/** 100 ns units in one millisecond. */
const TICKS_PER_MS = 10_000n;

/** The engine as doors without connections use it. */
export class Stateless implements StatelessApi {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  async commit(app: string, changes: readonly Change[], by?: Principal): Promise<CommitAck> {
    return commit(this.#core, this.#app(app), changes, { by });
  }

  events(app: string): AppEvents {
    return this.#app(app).events;
  }

  nextId(): number {
    return this.#core.takeId();
  }

  source(app: string): PolicySource {
    return this.#app(app).policy.source;
  }

  decide(app: string, request: AccessRequest): Decision {
    const known = this.#app(app);
    return known.admissions.subtract(request, this.#core.decide(known, request), 'refuse');
  }

  admit(app: string, principal: Principal, channels: Iterable<string>): Promise<void> | null {
    return askAdmissions(this.#app(app), principal, channels);
  }

  asksAbout(app: string, principal: Principal, channel: string): boolean {
    const known = this.#app(app);
    if (!known.triggers) return false;
    const now = this.#core.clock.now();
    const decision = this.#core.decide(known, { operation: 'files.send', principal, now, name: channel });
    if (!decision.allowed || !decision.rule) return false;
    return known.triggers.stacksFor(decision.rule, channel)?.message !== undefined;
  }

  refuse(app: string, request: AccessRequest, denied: Denied): Refused {
    return this.#core.refuse(this.#app(app), request, denied);
  }

  turnAway(app: string, refusal: TurnedAway): Refused {
    return this.#core.turnAway(app, refusal);
  }

  now(): number {
    return this.#core.clock.now();
  }

  timetoken(app: string): Timetoken {
    return this.#polls(app).window.raise(BigInt(Math.floor(this.#core.clock.now())) * TICKS_PER_MS);
  }

  publishAs(call: StatelessPublish): MaybePromise<PublishOutcome> {
    return publish(this.#core, callerOf(this.#app(call.app), call.principal), call);
  }

  announce(draft: Draft): MaybePromise<Timetoken> {
    const app = this.#app(draft.app);
    const placed = place(this.#core, app, draft, { keep: 0 });
    if (isPromise(placed)) return placed.then((publication) => this.#placed(draft, publication));
    return this.#placed(draft, placed);
  }

  poll(request: PollRequest): Poll {
    return this.#polls(request.app).open(request);
  }

  forget(app: string, channel: string, timetokens: readonly Timetoken[]): void {
    forgetDeleted(this.#app(app), channel, timetokens);
  }

  heartbeat(call: Parameters<StatelessApi['heartbeat']>[0]): ReturnType<StatelessApi['heartbeat']> {
    return this.#present(call.app).heartbeat(call);
  }

  depart(call: PresenceCall): void {
    this.#present(call.app).depart(call);
  }

  setState(call: Parameters<StatelessApi['setState']>[0]): ReturnType<StatelessApi['setState']> {
    return this.#present(call.app).setState(call);
  }

  stateOf(app: string, channel: string, member: Pick<Member, 'user' | 'proven'>) {
    return this.#present(app).stateOf(channel, member);
  }

  hereNow(app: string, channel: string): HereNow {
    return here(this.#core, this.#app(app), channel);
  }

  whereNow(app: string, principal: Principal, user: Pick<Member, 'user' | 'proven'>): readonly string[] {
    return whereIs(this.#core, this.#app(app), principal, user, 'refuse');
  }

  admitWhere(app: string, principal: Principal, user: Pick<Member, 'user' | 'proven'>): Promise<void> | null {
    const known = this.#app(app);
    if (!known.triggers) return null;
    return askAdmissions(known, principal, whereIs(this.#core, known, principal, user, 'pass'));
  }

  liveChannels(app: string): readonly string[] {
    return [...this.#app(app).channels.keys()];
  }

  group(app: string, group: string): readonly string[] {
    return this.#app(app).groups.get(group) ?? [];
  }

  groups(app: string): readonly string[] {
    return [...this.#app(app).groups.keys()];
  }

  /** The engine's own announcements are not decided, so no policy can have gone stale. */
  #placed(draft: Draft, publication: { readonly timetoken: Timetoken } | 'stale'): Timetoken {
    if (publication === 'stale') throw new Error(`the policy of app "${draft.app}" is behind the broker's`);
    return publication.timetoken;
  }

  #app(id: string): App {
    const app = this.#core.apps.get(id);
    if (!app) throw new RangeError(`No app "${id}".`);
    return app;
  }

  #polls(id: string): Polls {
    const { polls } = this.#app(id);
    if (!polls) throw new RangeError(`App "${id}" serves no readers without a connection.`);
    return polls;
  }

  #present(id: string): Present {
    const { present } = this.#app(id);
    if (!present) throw new RangeError(`App "${id}" serves no presence without a connection.`);
    return present;
  }
}
