import type { App } from './app.ts';
import { Channel } from './channel.ts';
import type { Core } from './core.ts';
import { isPromise } from './maybe-promise.ts';
import type { Draft, Member, PresenceChange } from './publication.ts';
import type { Session } from './session.ts';
import type { JoinOptions } from './session-api.ts';
import { Subscription } from './subscription.ts';

/** Puts a session into a channel with the labels just decided, in this same turn. Others are told; it is not told of itself. */
export function enter(core: Core, session: Session, name: string, options: JoinOptions, labels: number): Subscription {
  const { app } = session;
  let channel = app.channels.get(name);
  if (!channel) {
    channel = new Channel(name);
    app.channels.set(name, channel);
  }
  const sub = new Subscription(session, name, options);
  channel.add(sub);
  session.subs.set(name, sub);
  announce(core, app, channel, 'join', session.self);
  // What was announced may have been written out at once, and the clock looked at: the session can be gone.
  if (session.ended) return sub;
  sub.begin(core.broker.lastSeq(app.id, name) + 1, labels);
  if (options.history) {
    sub.waiting = [];
    channel.waiting.add(sub);
  } else {
    channel.enterClass(sub);
  }
  session.stopLonelyTimer();
  return sub;
}

/** Takes a session out of a channel: nothing more of it is delivered. Others are told. */
export function depart(core: Core, sub: Subscription): void {
  const { session } = sub;
  const { app } = session;
  session.subs.delete(sub.channel);
  session.outbox.withdraw(sub.channel);
  const channel = app.channels.get(sub.channel);
  if (!channel) return;
  channel.remove(sub);
  if (channel.subs.size > 0) {
    announce(core, app, channel, 'leave', session.self);
    return;
  }
  channel.batch = [];
  app.channels.delete(sub.channel);
  core.logs.release(app, sub.channel);
}

function announce(core: Core, app: App, channel: Channel, action: PresenceChange['action'], member: Member): void {
  if (!channel.hasPresenceReaders) return;
  appendPresence(core, app, {
    app: app.id,
    channel: channel.name,
    kind: 'presence',
    audience: { to: 'presence' },
    sender: null,
    data: '',
    presence: {
      action,
      member,
      occupancy: channel.occupancy,
      occupantChanged: channel.countOf(member) === (action === 'join' ? 1 : 0),
    },
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
