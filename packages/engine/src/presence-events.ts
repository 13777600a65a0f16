import type { App } from './app.ts';
import type { Channel } from './channel.ts';
import type { PresenceChange } from './publication.ts';
import type { Subscription } from './subscription.ts';

const EVENTS = {
  join: 'presence.joined',
  leave: 'presence.left',
  timeout: 'presence.timed-out',
  'state-change': 'presence.state-changed',
} as const;

/**
 * Tells listeners who came, went, or says something else of itself; after the channel has taken note of it. `again`: as
 * another session of its user just did.
 */
export function tellPresence(
  app: App,
  channel: Channel,
  action: PresenceChange['action'],
  sub: Subscription,
  again = false,
): void {
  const { events } = app;
  const type = EVENTS[action];
  const { principal } = sub.session;
  if (action === 'join' && channel.subs.size === 1 && events.hears('channel.active')) {
    void events.tell({ type: 'channel.active', principal, channel: channel.name, data: {} });
  }
  if (events.hears(type)) {
    void events.tell({
      type,
      principal,
      channel: channel.name,
      data: {
        session: sub.session.id,
        occupancy: channel.occupancy,
        first: !again && occupantChanged(channel, action, sub),
        ...(sub.state && (action === 'join' || action === 'state-change') ? { state: sub.state } : {}),
      },
    });
  }
  if (channel.subs.size === 0 && events.hears('channel.inactive')) {
    void events.tell({ type: 'channel.inactive', principal, channel: channel.name, data: {} });
  }
}

/** Whether it is news to those who list users: another device of a user who is here is none. */
export function occupantChanged(
  channel: Channel,
  action: PresenceChange['action'],
  { session }: Subscription,
): boolean {
  const member = session.self;
  return (
    !channel.overshadows(member) &&
    (action === 'state-change' || channel.countOf(member) === (action === 'join' ? 1 : 0))
  );
}
