import {
  type AccessRequest,
  type Audience,
  everyoneUnder,
  type Operation,
  type PeerStanding,
  type Rule,
  type SendTarget,
  statedUser,
  utf8Length,
} from '@portcullis/policy';
import type { App } from './app.ts';
import { type Core, refusal } from './core.ts';
import { isPromise, type MaybePromise } from './maybe-promise.ts';
import type { PublishOutcome } from './outcome.ts';
import { place } from './placing.ts';
import type { Draft } from './publication.ts';
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
}

/** Decided and given its place in one turn; whatever has to be awaited first, it is decided again after it. */
export function publish(core: Core, publisher: Publisher, message: Message): MaybePromise<PublishOutcome> {
  if (publisher.ended) return refusal('session.closed');
  const { limits } = publisher.app.definition;
  if (isLongerThan(limits.message, message.data)) return core.refuseWith(publisher.app, publisher, 'limit.message');
  const over = overOwnRate(core, publisher);
  if (over) return core.refuseWith(publisher.app, publisher, over);
  return attempt(core, publisher, message, 1);
}

function attempt(core: Core, publisher: Publisher, message: Message, time: number): MaybePromise<PublishOutcome> {
  const { app, principal } = publisher;
  const { channel: name, target } = message;
  if (publisher.ended) return refusal('session.closed');
  if (app.removal !== null) return refusal('app.disabled');
  const request: AccessRequest = {
    operation: operationOf(message),
    principal,
    now: core.clock.now(),
    name,
    session: publisher.id,
    ...(publisher.subs ? { joined: publisher.subs.has(name) } : {}),
    target,
    ...(target.to === 'session' || target.to === 'user' ? { peer: standingOf(publisher, name, target) } : {}),
  };
  const decision = core.decide(app, request);
  if (!decision.allowed) return core.refuse(app, request, decision);
  const over = time === 1 ? overSharedRate(core, publisher, name) : undefined;
  if (over) return core.refuseWith(app, publisher, over);
  const again = () => (time < MOST_DECISIONS ? attempt(core, publisher, message, time + 1) : refusal('trigger.stale'));
  const history = decision.rule?.history ?? 0;
  const keep = message.store === false || message.fire || message.kind === 'signal' ? 0 : history;
  if (history > 0 && !core.logs.isOpen(app, name)) {
    return core.logs.open(app, name).then(again, (error: unknown) => refusedStore(core, publisher, error));
  }
  const audience = audienceOf(publisher, name, decision.target ?? target, decision.rule);
  const kept = keep > 0 && (audience.to !== 'session' || audience.pair !== undefined);
  if (kept && !core.logs.hasRoom(app, name)) return core.refuseWith(app, publisher, 'limit.historyChannels');
  // On a channel that keeps history, what is not kept takes no place in its log: no offset ever names two messages.
  const logged = kept || (history === 0 && message.kind !== 'signal' && !message.fire);
  core.meter.published(app.id, audience.to);
  const draft = draftOf(publisher, message, { audience, logged });
  const placed = place(core, app, draft, {
    keep: kept ? keep : 0,
    ...lifeOf(app, message),
    silent: message.fire === true,
  });
  if (placed === 'stale') return again();
  if (!isPromise(placed)) return { ok: true, position: placed.position, timetoken: placed.timetoken };
  return placed.then(
    (outcome): MaybePromise<PublishOutcome> =>
      outcome === 'stale' ? again() : { ok: true, position: outcome.position, timetoken: outcome.timetoken },
    (error: unknown) => refusedStore(core, publisher, error),
  );
}

function operationOf({ kind, fire }: Message): Operation {
  if (kind === 'file') return 'files.send';
  if (kind === 'signal') return 'signal';
  return fire ? 'fire' : 'publish';
}

function draftOf(publisher: Publisher, message: Message, place: Pick<Draft, 'audience' | 'logged'>): Draft {
  return {
    app: publisher.app.id,
    channel: message.channel,
    kind: message.kind,
    sender: publisher.sender,
    data: message.data,
    ...(message.meta === undefined ? {} : { meta: message.meta }),
    ...(message.customType === undefined ? {} : { customType: message.customType }),
    ...place,
  };
}

const MS_PER_HOUR = 3_600_000;

/** How long it is kept: as its publisher says, otherwise as its app does. */
function lifeOf({ definition }: App, { ttl }: Message): { readonly life?: number } {
  const life = ttl === undefined || ttl <= 0 ? definition.retention : ttl * MS_PER_HOUR;
  return life === undefined ? {} : { life };
}

function audienceOf(publisher: Publisher, name: string, target: SendTarget, rule: Rule | undefined): Audience {
  const { principal, app } = publisher;
  switch (target.to) {
    case 'everyone':
      return everyoneUnder(rule);
    case 'authenticated':
      return target;
    case 'user':
      return principal.kind === 'user' ? { ...target, from: principal.user } : target;
    case 'session': {
      const peer = app.channels.get(name)?.subs.get(target.session)?.session.principal;
      const pair =
        principal.kind === 'user' && peer?.kind === 'user' ? ([principal.user, peer.user] as const) : undefined;
      return { ...target, from: publisher.id, ...(pair ? { pair } : {}) };
    }
  }
}

function standingOf(
  publisher: Publisher,
  name: string,
  target: Extract<SendTarget, { to: 'session' | 'user' }>,
): PeerStanding {
  const channel = publisher.app.channels.get(name);
  if (target.to === 'session') {
    // Who is present without listening here cannot be told anything in private.
    const found = channel?.subs.get(target.session);
    const peer = found?.listens ? found.session : undefined;
    return {
      joined: peer !== undefined,
      authenticated: peer?.principal.kind === 'user',
      self: peer !== undefined && peer.id === publisher.id,
    };
  }
  let joined = false;
  for (const peer of publisher.app.index.user.of(target.user)) {
    joined ||= peer.principal.kind === 'user' && channel?.subs.get(peer.id)?.listens === true;
  }
  return {
    joined,
    authenticated: joined,
    self: publisher.principal.kind === 'user' && publisher.principal.user === target.user,
  };
}

function overOwnRate(core: Core, { app, id, principal }: Publisher) {
  const now = core.clock.now();
  if (id !== '' && !app.rates.connection.spend(id, now)) return 'limit.ratePerConnection';
  // The anonymous are nobody together: each connection is one of its own.
  const user = statedUser(principal) === undefined ? `session:${id}` : principalLabel(principal);
  return app.rates.user.off || app.rates.user.spend(user, now) ? undefined : 'limit.ratePerUser';
}

/** What others live on too is spent by those alone who may send. */
function overSharedRate(core: Core, { app }: Publisher, name: string) {
  const now = core.clock.now();
  if (!app.rates.channel.spend(name, now)) return 'limit.ratePerChannel';
  return app.rates.app.spend('', now) ? undefined : 'limit.ratePerApp';
}

/** Whether a text has more bytes than `most` in UTF-8. Counts only where its length alone does not tell. */
function isLongerThan(most: number, text: string): boolean {
  if (text.length * 3 <= most) return false;
  return text.length > most || utf8Length(text) > most;
}
