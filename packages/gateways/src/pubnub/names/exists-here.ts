import type { StatelessApi } from '@portcullis/engine';
import { baseOfPresence } from '@portcullis/policy';
import type { PubNubApp } from '../http/call.ts';

/** Characters that the vendor takes in no name of a channel or group. Commas part names before anybody looks at one. */
const NEVER = /[,:*/\\\p{Cc}\p{Cf}\p{Cs}\p{Z}]/u;

/**
 * Whether there is such a channel or group at this door. Everywhere else one name is as good as another; an app that
 * sets `strictNames` has here those alone that the vendor has. Takes the names of presence events and wildcards too:
 * what they stand for counts.
 */
export function existsHere(name: string, { settings }: PubNubApp): boolean {
  if (!settings.strictNames) return true;
  const base = baseOfPresence(name) ?? name;
  const plain = base.endsWith('.*') ? base.slice(0, -2) : base;
  return !NEVER.test(plain) && Buffer.byteLength(plain) <= settings.nameBytes;
}

/** Whether there is such a user at this door: what else the vendor asks of user ids is asked everywhere. */
export function userExistsHere(user: string, { settings }: PubNubApp): boolean {
  return !settings.strictNames || Buffer.byteLength(user) <= settings.nameBytes;
}

/** The channels of a group that there are here. */
export function membersHere(engine: Pick<StatelessApi, 'group'>, app: PubNubApp, group: string): readonly string[] {
  return engine.group(app.app, group).filter((channel) => existsHere(channel, app));
}
