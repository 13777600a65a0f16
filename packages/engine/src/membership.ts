import type { JsonObject } from '@portcullis/policy';
import type { App } from './app.ts';
import { Channel } from './channel.ts';
import type { Core } from './core.ts';
import { isPromise } from './maybe-promise.ts';
import { occupantChanged, tellPresence } from './presence-events.ts';
import type { Draft, PresenceChange } from './publication.ts';
import type { Session } from './session.ts';
import { Subscription } from './subscription.ts';

/** How a session is in a channel. */
interface Manner {
  /** As just decided. */
  readonly labels: number;
  readonly wantsPresence?: boolean;
  /** False: it gets no deliveries and is present only. */
  readonly listens?: boolean;
  /** What is live waits behind a snapshot. */
  readonly waits?: boolean;
  /** It comes back for what it missed: what has its place and is still on its way is for it too. */
  readonly recovers?: boolean;
  readonly state?: JsonObject | undefined;
}

const PRESENCE = { to: 'presence' } as const;

/** Puts a session into a channel with the labels just decided, in this same turn. Others are told; it is not told of itself. */
export function enter(core: Core, session: Session, name: string, how: Manner): Subscription {
  const { app } = session;
  let channel = app.channels.get(name);
  if (!channel) {
    channel = new Channel(name);
    app.channels.set(name, channel);
  }
  const sub = new Subscription(session, name, how.wantsPresence ?? false);
  sub.listens = how.listens ?? true;
  if (how.state) sub.state = how.state;
  takeRosterPlace(core, channel, sub);
  // What was announced may have been written out at once, and the clock looked at: the session can be gone.
  if (session.ended) return sub;
  sub.begin(core.broker.lastSeq(app.id, name) + 1, how.labels);
  if (!sub.listens) return sub;
  if (how.recovers) {
    sub.recovers = true;
    channel.recovering.add(sub);
  }
  if (how.waits) {
    sub.waiting = [];
    channel.waiting.add(sub);
  } else {
    channel.enterClass(sub);
  }
  core.lonely.remove(session);
  return sub;
}

/** Others are told who came; of one whose place was kept, only that it says something else of itself. */
function takeRosterPlace(core: Core, channel: Channel, sub: Subscription): void {
  const { session } = sub;
  const kept = session.subs.get(sub.channel);
  if (kept) session.subs.delete(sub.channel);
  session.subs.add(sub);
  if (kept) {
    channel.replace(kept, sub);
    if (!isSame(kept.state, sub.state)) announceState(core, sub);
    return;
  }
  channel.add(sub);
  tellPresence(session.app, channel, 'join', sub);
  announce(core, session.app, channel, 'join', sub);
}

const isSame = (a: JsonObject | null, b: JsonObject | null): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Takes a session out of a channel: nothing more of it is delivered. Others are told. */
export function depart(core: Core, sub: Subscription, action: 'leave' | 'timeout' = 'leave'): void {
  const { session } = sub;
  const { app } = session;
  session.subs.delete(sub.channel);
  session.outbox.withdraw(sub.channel);
  const channel = app.channels.get(sub.channel);
  if (!channel) return;
  channel.remove(sub);
  tellPresence(app, channel, action, sub);
  if (channel.subs.size > 0 || app.polls) announce(core, app, channel, action, sub);
  if (channel.subs.size > 0) return;
  channel.batch = [];
  app.channels.delete(sub.channel);
  core.logs.release(app, sub.channel);
}

/** Tells those who see who is here that an occupant says something else of itself. `again`: as another session of its user just did. */
export function announceState(core: Core, sub: Subscription, again = false): void {
  const { app } = sub.session;
  const channel = app.channels.get(sub.channel);
  if (!channel) return;
  channel.memberChanged();
  tellPresence(app, channel, 'state-change', sub, again);
  announce(core, app, channel, 'state-change', sub, again);
}

function announce(
  core: Core,
  app: App,
  channel: Channel,
  action: PresenceChange['action'],
  sub: Subscription,
  again = false,
): void {
  // Readers without a connection may come for it later.
  if (!channel.hasPresenceReaders && !app.polls) return;
  const member = sub.session.self;
  const about = {
    action,
    member,
    occupancy: channel.occupancy,
    occupantChanged: !again && occupantChanged(channel, action, sub),
  };
  const says = sub.state && (action === 'join' || action === 'state-change') ? sub.state : null;
  appendPresence(core, app, {
    app: app.id,
    channel: channel.name,
    kind: 'presence',
    audience: PRESENCE,
    sender: null,
    data: '',
    presence: says === null ? about : { ...about, state: says },
    logged: false,
  });
}

/** Presence is what the engine says itself: a newer policy elsewhere only changes who may hear it. */
function appendPresence(core: Core, app: App, draft: Draft): void {
  const appended = core.broker.append(draft, Number.MAX_SAFE_INTEGER);
  if (isPromise(appended)) {
    appended
      .then((publication) => (publication === 'stale' ? undefined : core.broker.publish(publication)))
      .catch((error: unknown) => core.log.error('broker.append-failed', { app: app.id, error }));
  } else if (appended !== 'stale') {
    void core.broker.publish(appended);
  }
}
