import { type Audience, type SendTarget, statedUser } from '@portcullis/policy';
import { audienceOf, mayBeKept } from './addressing.ts';
import type { App } from './app.ts';
import { type Core, refusal } from './core.ts';
import { draftOf, Errand } from './errand.ts';
import { messageEvent, publicationHappened } from './happenings.ts';
import { isLongerThan } from './longer-than.ts';
import { isPromise, type MaybePromise } from './maybe-promise.ts';
import { askMessageTriggers, audienceLeft } from './message-triggers.ts';
import type { PublishOutcome, Refused } from './outcome.ts';
import { place } from './placing.ts';
import { publishOnce } from './publish-once.ts';
import { requestOf } from './publish-request.ts';
import type { Publisher } from './publisher.ts';
import { principalLabel } from './session.ts';
import { refusedStore } from './store-errors.ts';

/** A decision made again more often than this means the policy changes faster than one publish takes. */
const MOST_DECISIONS = 3;

/** What is to be published. */
export interface Message {
  readonly channel: string;
  readonly target: SendTarget;
  readonly kind: 'message' | 'signal' | 'file';
  /** JSON text. */
  readonly data: string;
  readonly meta?: string;
  readonly customType?: string;
  /** `false`: not kept in history. */
  readonly store?: boolean;
  /** Hours to keep it; absent or 0: as long as the app keeps messages. */
  readonly ttl?: number;
  /** Given its place and delivered to nobody. */
  readonly fire?: boolean;
  /** Chosen by the client: within the replay window it is published once. */
  readonly key?: string;
  /** Called when it has its place, and may still have to reach the disk. */
  readonly placed?: () => void;
  /** What has to be done before anybody hears of it, once it is known for whom it is. Everything is decided again after it. */
  readonly prepare?: (audience: Audience) => Promise<void>;
  /** How many triggers stand between a client and it. */
  readonly hops?: number;
  /** The actions through which it came about. */
  readonly trail?: readonly string[];
}

/** Decided and given its place in one turn; whatever has to be awaited first, it is decided again after it. */
export function publish(core: Core, publisher: Publisher, message: Message): MaybePromise<PublishOutcome> {
  if (publisher.ended) return refusal('session.closed');
  const { limits } = publisher.app.definition;
  if (isLongerThan(limits.message, message.data)) {
    return core.refuseWith(publisher.app, publisher, 'limit.message', message.channel);
  }
  const over = overHops(limits.triggerHops, message) ?? overOwnRate(core, publisher);
  if (over) return core.refuseWith(publisher.app, publisher, over, message.channel);
  const { channel, key } = message;
  if (key === undefined) return attempt(core, new Errand(publisher, message));
  return publishOnce(core, publisher, {
    channel,
    key,
    publish: (once) => attempt(core, new Errand(publisher, message, once)),
    open: () => openLog(core, publisher, message),
    refusal: () => {
      const request = requestOf(core, publisher, message);
      const decision = core.decide(publisher.app, request);
      return decision.allowed ? undefined : core.refuse(publisher.app, request, decision);
    },
  });
}

/** Only for whoever may publish there. */
function openLog(core: Core, publisher: Publisher, message: Message): MaybePromise<Refused | undefined> {
  const { app } = publisher;
  if (core.logs.isOpen(app, message.channel)) return undefined;
  const request = requestOf(core, publisher, message);
  const decision = core.decide(app, request);
  if (!decision.allowed) return core.refuse(app, request, decision);
  if ((decision.rule?.history ?? 0) === 0) return undefined;
  return core.logs.open(app, message.channel).then(
    () => undefined,
    (error: unknown) => refusedStore(core, publisher, error),
  );
}

function attempt(core: Core, errand: Errand): MaybePromise<PublishOutcome> {
  const { publisher, message } = errand;
  const { app } = publisher;
  const { channel: name, target } = message;
  if (publisher.ended) return refusal('session.closed');
  if (app.removal !== null) return refusal('app.disabled');
  const request = requestOf(core, publisher, message);
  const decision = core.decide(app, request);
  if (!decision.allowed) return core.refuse(app, request, decision);
  errand.decisions += 1;
  const over = errand.decisions === 1 ? overSharedRate(core, publisher, name) : undefined;
  if (over) return core.refuseWith(app, publisher, over, name);
  const stacks = decision.rule && app.triggers?.stacksFor(decision.rule, name);
  const asked = stacks ? askMessageTriggers(core, errand, stacks, decision) : null;
  if (asked !== null) return isPromise(asked) ? asked.then((refused) => refused ?? attempt(core, errand)) : asked;
  const history = decision.rule?.history ?? 0;
  const keep = message.store === false || message.fire || message.kind === 'signal' ? 0 : history;
  if (history > 0 && !core.logs.isOpen(app, name)) {
    return core.logs.open(app, name).then(
      () => again(core, errand),
      (error: unknown) => refusedStore(core, publisher, error),
    );
  }
  const audience = audienceLeft(errand, audienceOf(publisher, name, decision.target ?? target, decision.rule));
  if (!audience) return core.refuseWith(app, publisher, 'trigger.blocked', name);
  const kept = keep > 0 && mayBeKept(audience, publisher);
  if (kept && !core.logs.hasRoom(app, name)) {
    return core.refuseWith(app, publisher, 'limit.historyChannels', name);
  }
  if (message.prepare && JSON.stringify(errand.prepared) !== JSON.stringify(audience)) {
    errand.prepared = audience;
    return message.prepare(audience).then(
      () => again(core, errand),
      (error: unknown) => refusedStore(core, publisher, error),
    );
  }
  // On a channel that keeps history, what is not kept takes no place in its log: no offset ever names two messages.
  const logged = kept || (history === 0 && message.kind !== 'signal' && !message.fire);
  core.meter.published(app.id, audience.to);
  const draft = draftOf(errand, audience, logged);
  const placed = place(core, app, draft, {
    keep: kept ? keep : 0,
    life: lifeOf(app, message),
    silent: message.fire === true,
    placed: message.placed,
    happened: app.events.hears(messageEvent(message.kind))
      ? (publication) => publicationHappened(messageEvent(message.kind), publisher.principal, publication, message)
      : undefined,
  });
  if (placed === 'stale') return again(core, errand);
  if (!isPromise(placed)) return { ok: true, position: placed.position, timetoken: placed.timetoken };
  return placed.then(
    (outcome): MaybePromise<PublishOutcome> =>
      outcome === 'stale'
        ? again(core, errand)
        : { ok: true, position: outcome.position, timetoken: outcome.timetoken },
    (error: unknown) => refusedStore(core, publisher, error),
  );
}

/** The world has moved: decided again, but not for ever. */
function again(core: Core, errand: Errand): MaybePromise<PublishOutcome> {
  const most = MOST_DECISIONS + errand.runs + errand.asked + (errand.prepared === null ? 0 : 1);
  return errand.decisions < most ? attempt(core, errand) : refusal('trigger.stale');
}

const MS_PER_HOUR = 3_600_000;

/** How long it is kept: as its publisher says, otherwise as its app does. */
function lifeOf({ definition }: App, { ttl }: Message): number | undefined {
  return ttl === undefined || ttl <= 0 ? definition.retention : ttl * MS_PER_HOUR;
}

function overOwnRate(core: Core, { app, id, principal }: Publisher) {
  if (app.rates.connection.off && app.rates.user.off) return undefined;
  const now = core.clock.now();
  if (id !== '' && !app.rates.connection.spend(id, now)) return 'limit.ratePerConnection';
  // The anonymous are nobody together: each connection is one of its own.
  const user = statedUser(principal) === undefined ? `session:${id}` : principalLabel(principal);
  return app.rates.user.off || app.rates.user.spend(user, now) ? undefined : 'limit.ratePerUser';
}

const overHops = (most: number, { hops = 0 }: Message) => (hops > most ? 'limit.triggerHops' : undefined);

/** What others live on too is spent by those alone who may send. */
function overSharedRate(core: Core, { app }: Publisher, name: string) {
  if (app.rates.channel.off && app.rates.app.off) return undefined;
  const now = core.clock.now();
  if (!app.rates.channel.spend(name, now)) return 'limit.ratePerChannel';
  return app.rates.app.spend('', now) ? undefined : 'limit.ratePerApp';
}
