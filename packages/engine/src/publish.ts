import {
  type AccessRequest,
  type Audience,
  type PeerStanding,
  type Rule,
  type SendTarget,
  statedUser,
} from '@portcullis/policy';
import { type Core, refusal } from './core.ts';
import { isPromise, type MaybePromise } from './maybe-promise.ts';
import type { PublishOutcome } from './outcome.ts';
import { place } from './placing.ts';
import type { Draft } from './publication.ts';
import { principalLabel, type Session } from './session.ts';
import { refusedStore } from './store-errors.ts';
import { utf8Length } from './utf8-length.ts';

/** A decision made again more often than this means the policy changes faster than one publish takes. */
const MOST_DECISIONS = 3;

/** Decided and given its place in one turn; whatever has to be awaited first, it is decided again after it. */
export function publish(
  core: Core,
  session: Session,
  name: string,
  target: SendTarget,
  data: string,
): MaybePromise<PublishOutcome> {
  if (session.ended) return refusal('session.closed');
  const { limits } = session.app.definition;
  if (isLongerThan(limits.message, data)) {
    return core.refuseWith(session.app, session, 'limit.message');
  }
  const over = overOwnRate(core, session);
  if (over) return core.refuseWith(session.app, session, over);
  return attempt(core, session, name, target, data, 1);
}

function attempt(
  core: Core,
  session: Session,
  name: string,
  target: SendTarget,
  data: string,
  time: number,
): MaybePromise<PublishOutcome> {
  const { app, principal } = session;
  if (session.ended) return refusal('session.closed');
  if (app.removal !== null) return refusal('app.disabled');
  const request: AccessRequest = {
    operation: 'publish',
    principal,
    now: core.clock.now(),
    name,
    session: session.id,
    joined: session.subs.has(name),
    target,
    ...(target.to === 'session' || target.to === 'user' ? { peer: standingOf(session, name, target) } : {}),
  };
  const decision = core.decide(app, request);
  if (!decision.allowed) return core.refuse(app, request, decision);
  const over = time === 1 ? overSharedRate(core, session, name) : undefined;
  if (over) return core.refuseWith(app, session, over);
  const again = () =>
    time < MOST_DECISIONS ? attempt(core, session, name, target, data, time + 1) : refusal('trigger.stale');
  const keep = decision.rule?.history ?? 0;
  if (keep > 0 && !core.logs.isOpen(app, name)) {
    return core.logs.open(app, name).then(again, (error: unknown) => refusedStore(core, session, error));
  }
  const audience = audienceOf(session, name, decision.target ?? target, decision.rule);
  const kept = keep > 0 && (audience.to !== 'session' || audience.pair !== undefined);
  if (kept && !core.logs.hasRoom(app, name)) return core.refuseWith(app, session, 'limit.historyChannels');
  const draft: Draft = {
    app: app.id,
    channel: name,
    kind: 'message',
    audience,
    sender: session.sender,
    data,
    logged: keep === 0 || kept,
  };
  core.meter.published(app.id, audience.to);
  const placed = place(core, app, draft, kept ? keep : 0);
  if (placed === 'stale') return again();
  if (!isPromise(placed)) return { ok: true, position: placed.position, timetoken: placed.timetoken };
  return placed.then(
    (outcome): MaybePromise<PublishOutcome> =>
      outcome === 'stale' ? again() : { ok: true, position: outcome.position, timetoken: outcome.timetoken },
    (error: unknown) => refusedStore(core, session, error),
  );
}

function audienceOf(session: Session, name: string, target: SendTarget, rule: Rule | undefined): Audience {
  const { principal, app } = session;
  switch (target.to) {
    case 'everyone':
      return { to: 'everyone', anonymous: rule?.anonymousClients ?? true };
    case 'authenticated':
      return target;
    case 'user':
      return principal.kind === 'user' ? { ...target, from: principal.user } : target;
    case 'session': {
      const peer = app.channels.get(name)?.subs.get(target.session)?.session.principal;
      const pair =
        principal.kind === 'user' && peer?.kind === 'user' ? ([principal.user, peer.user] as const) : undefined;
      return { ...target, from: session.id, ...(pair ? { pair } : {}) };
    }
  }
}

function standingOf(
  session: Session,
  name: string,
  target: Extract<SendTarget, { to: 'session' | 'user' }>,
): PeerStanding {
  const channel = session.app.channels.get(name);
  if (target.to === 'session') {
    const peer = channel?.subs.get(target.session)?.session;
    return { joined: peer !== undefined, authenticated: peer?.principal.kind === 'user', self: peer === session };
  }
  let joined = false;
  for (const peer of session.app.index.user.of(target.user)) {
    joined ||= peer.principal.kind === 'user' && channel?.subs.has(peer.id) === true;
  }
  return {
    joined,
    authenticated: joined,
    self: session.principal.kind === 'user' && session.principal.user === target.user,
  };
}

function overOwnRate(core: Core, { app, id, principal }: Session) {
  const now = core.clock.now();
  if (!app.rates.connection.spend(id, now)) return 'limit.ratePerConnection';
  // The anonymous are nobody together: each connection is one of its own.
  const user = statedUser(principal) === undefined ? `session:${id}` : principalLabel(principal);
  return app.rates.user.off || app.rates.user.spend(user, now) ? undefined : 'limit.ratePerUser';
}

/** What others live on too is spent by those alone who may send. */
function overSharedRate(core: Core, { app }: Session, name: string) {
  const now = core.clock.now();
  if (!app.rates.channel.spend(name, now)) return 'limit.ratePerChannel';
  return app.rates.app.spend('', now) ? undefined : 'limit.ratePerApp';
}

/** Whether a text has more bytes than `most` in UTF-8. Counts only where its length alone does not tell. */
function isLongerThan(most: number, text: string): boolean {
  if (text.length * 3 <= most) return false;
  return text.length > most || utf8Length(text) > most;
}
