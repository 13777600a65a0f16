import { type AccessRequest, decide } from '@portcullis/policy';
import type { App } from './app.ts';
import type { Channel } from './channel.ts';
import type { Core } from './core.ts';
import type { Publication } from './publication.ts';
import type { Session } from './session.ts';
import type { Subscription } from './subscription.ts';

/** The subscriptions an addressed publication is for. The index finds candidates; `decide()` says who. */
export function receivers(core: Core, app: App, channel: Channel, publication: Publication): Subscription[] {
  const found: Subscription[] = [];
  for (const sub of candidates(app, channel, publication)) {
    if (sub.listens && mayReceive(core, sub, publication)) found.push(sub);
  }
  return found;
}

/** Of those that came back, the ones a publication is for that got its place before they entered. */
export function recoverers(core: Core, channel: Channel, publication: Publication): Subscription[] {
  const found: Subscription[] = [];
  for (const sub of channel.recovering) {
    if (publication.seq >= sub.since) channel.recovering.delete(sub);
    else if (publication.position && mayReceive(core, sub, publication)) found.push(sub);
  }
  return found;
}

/** Whether one item is for one subscription under the policy as it stands: for who it is now, and who it was when it got its place. */
export function mayReceive(core: Core, sub: Subscription, publication: Publication): boolean {
  const request: AccessRequest = {
    operation: 'receive',
    principal: sub.session.principal,
    now: core.clock.now(),
    name: sub.channel,
    joined: true,
    session: sub.session.id,
    audience: publication.audience,
  };
  if (!core.decide(sub.session.app, request).allowed) return false;
  return sub.was.every(
    ({ principal, policy, at, upTo }) =>
      publication.seq > upTo || decide({ ...request, principal, now: at }, policy).allowed,
  );
}

function candidates(app: App, channel: Channel, { audience }: Publication): Iterable<Subscription> {
  switch (audience.to) {
    case 'session': {
      const sub = channel.subs.get(audience.session);
      return sub ? [sub] : [];
    }
    case 'user':
      return joined(channel, app.index.user.of(audience.user));
    case 'everyone':
    case 'authenticated':
    case 'presence':
    case 'table':
    case 'row':
      return channel.subs.values();
  }
}

function* joined(channel: Channel, sessions: Iterable<Session>): Iterable<Subscription> {
  for (const session of sessions) {
    const sub = channel.subs.get(session.id);
    if (sub) yield sub;
  }
}
