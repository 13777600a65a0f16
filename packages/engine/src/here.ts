import type { JsonObject, Principal } from '@portcullis/policy';
import type { App } from './app.ts';
import { occupantOf } from './channel.ts';
import type { Core } from './core.ts';
import type { Member } from './publication.ts';
import { settleChannel } from './settle.ts';
import type { HereNow } from './stateless-api.ts';

/**
 * Distinct users on a channel by their ids, in the order they came: of a proven user and others who state that id, the
 * proven one. Whoever is marked for a new decision is decided first.
 */
export function here(core: Core, app: App, name: string): HereNow {
  const channel = app.channels.get(name);
  if (!channel) return { channel: name, occupancy: 0, occupants: [] };
  if (channel.dirty) settleChannel(core, channel);
  const found = new Map<string, { readonly user: string; readonly state: JsonObject | null }>();
  for (const sub of channel.subs.values()) {
    const { self } = sub.session;
    if (channel.overshadows(self)) continue;
    const key = occupantOf(self);
    const known = found.get(key);
    if (known && (known.state || !sub.state)) continue;
    found.set(key, { user: nameOf(self), state: sub.state });
  }
  return { channel: name, occupancy: found.size, occupants: [...found.values()] };
}

/** Channels a user is on whose presence the asker may see. */
export function whereIs(
  core: Core,
  app: App,
  principal: Principal,
  { user, proven }: Pick<Member, 'user' | 'proven'>,
): string[] {
  const found = new Set<string>();
  for (const session of app.index.user.of(user)) {
    if ((session.principal.kind === 'user') !== proven) continue;
    for (const name of session.subs.channels()) {
      if (found.has(name)) continue;
      const decision = core.decide(app, { operation: 'here-now', principal, now: core.clock.now(), name });
      if (decision.allowed) found.add(name);
    }
  }
  return [...found];
}

/** On wires that list users, an anonymous session is one of its own. */
export function nameOf({ user, session }: Member): string {
  return user === '' ? `anon-${session}` : user;
}
