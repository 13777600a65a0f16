import type { AccessRequest, JsonObject, Principal } from '@portcullis/policy';
import type { App } from './app.ts';
import { occupantOf } from './channel.ts';
import type { Core } from './core.ts';
import type { Member } from './publication.ts';
import { settleChannel } from './settle-channel.ts';
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

/** What holds of a channel whose join trigger was not asked about the asker yet. */
type Unasked = 'refuse' | 'pass';

/** Channels a user is on whose presence the asker may see: each is decided as here-now is, join triggers included. */
export function whereIs(
  core: Core,
  app: App,
  principal: Principal,
  { user, proven }: Pick<Member, 'user' | 'proven'>,
  unasked: Unasked,
): string[] {
  const found = new Set<string>();
  for (const session of app.index.user.of(user)) {
    if ((session.principal.kind === 'user') !== proven) continue;
    for (const name of session.subs.channels()) {
      if (found.has(name)) continue;
      const request: AccessRequest = { operation: 'here-now', principal, now: core.clock.now(), name };
      if (app.admissions.subtract(request, core.decide(app, request), unasked).allowed) found.add(name);
    }
  }
  return [...found];
}

/** On wires that list users, an anonymous session is one of its own. */
export function nameOf({ user, session }: Member): string {
  return user === '' ? `anon-${session}` : user;
}
