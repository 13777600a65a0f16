import { baseOfPresence, parseName } from '@portcullis/policy';
import type { PubNubApp, PubNubDeps } from '../http/call.ts';
import { membersHere } from './exists-here.ts';
import { channelsIn, type Naming } from './refuse-names.ts';

/** The channels that a call wants something of: those it names or adds to a group, and those of its groups. */
export function channelsAsked(
  { params, query }: Naming,
  app: PubNubApp,
  engine: PubNubDeps['engine'],
): ReadonlySet<string> {
  const named = [...channelsIn(params), ...query.list('add')].map((name) => baseOfPresence(name) ?? name);
  const members = query
    .list('channel-group')
    .flatMap((group) => membersHere(engine, app, baseOfPresence(group) ?? group));
  return new Set([...named, ...members].filter((name) => parseName(name).ok));
}
