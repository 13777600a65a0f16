import { type Audience, everyoneUnder, type PeerStanding, type Rule, type SendTarget } from '@portcullis/policy';
import type { Narrowing } from './ports/triggers.ts';
import type { Publisher } from './publisher.ts';

/** To whom a message goes that was allowed for `target`. */
export function audienceOf(publisher: Publisher, name: string, target: SendTarget, rule: Rule | undefined): Audience {
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

/** What the sender may rely on about the other end. */
export function standingOf(
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

/** Whom both an audience and a narrowing hold; `null` when that is nobody, or cannot be said. It is never more than `audience`. */
export function narrowed(audience: Audience, narrowing: Narrowing): Audience | null {
  switch (audience.to) {
    case 'everyone':
      return narrowing;
    case 'authenticated':
      return narrowing;
    case 'table':
      return narrowing.to === 'authenticated' || (narrowing.to === 'table' && narrowing.table === audience.table)
        ? audience
        : null;
    case 'user':
      return narrowing.to === 'authenticated' || (narrowing.to === 'user' && narrowing.user === audience.user)
        ? audience
        : null;
    case 'session':
      // The recipient is proven exactly where the pair is known, or the sender is not.
      return narrowing.to === 'authenticated' && audience.pair ? audience : null;
    case 'row':
    case 'presence':
      return null;
  }
}

/** What clients say in private is kept for the two users that said it, if both are proven. */
export function mayBeKept(audience: Audience, { principal }: Publisher): boolean {
  if (audience.to === 'session') return audience.pair !== undefined;
  return audience.to !== 'user' || (principal.kind !== 'anonymous' && principal.kind !== 'stated');
}
