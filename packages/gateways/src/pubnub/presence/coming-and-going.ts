import { presence } from '../http/answers.ts';
import type { Answer, Call, Endpoint, PubNubDeps } from '../http/call.ts';
import { badCall } from '../messaging/bad-call.ts';
import { refuseUnlessAll } from '../messaging/decide-all.ts';
import { presentNames } from '../messaging/names.ts';
import { Subscribers } from '../messaging/subscribers.ts';
import { refuseTooMany } from '../names/refuse-too-many.ts';
import { reach } from './reach.ts';
import { readPresence } from './said-presence.ts';
import { stayPresent } from './stay-present.ts';

/** Heartbeat and leave. */
export const COMING_AND_GOING: readonly Endpoint[] = [
  { method: 'GET', path: '/v2/presence/sub-key/{sub}/channel/{channelsCsv}/heartbeat', handle: heartbeat },
  { method: 'GET', path: '/v2/presence/sub-key/{sub}/channel/{channelsCsv}/leave', handle: leave },
];

/** A refusal ends a client's heartbeats for good, so names that hold nobody are decided as what they are subscribed as. */
function heartbeat(call: Call, deps: PubNubDeps): Answer {
  const names = call.names('channelsCsv');
  const groups = call.query.list('channel-group');
  if (names.length + groups.length === 0) {
    return badCall('Presence', 'request.malformed', 'Channel or channel group is missing');
  }
  const said = readPresence(call, names, groups, { heartbeat: true });
  if ('status' in said) return said;
  const wildcards = [...new Set(names)].filter((name) => name.endsWith('.*'));
  const refused = refuseUnlessAll(
    call,
    deps.engine,
    wildcards.map((name) => ({ operation: 'subscribe.wildcard', name, is: 'channel' })),
  );
  if (refused) return refused;
  if (said.channels.length + said.groups.length > 0) {
    const reached = reach(call, deps, 'heartbeat', said);
    if ('status' in reached) return reached;
  }
  Subscribers.of(deps).departures.heard(call);
  stayPresent(call, deps, said);
  return presence();
}

/** Needs no permission: it takes away only what is the caller's own. */
function leave(call: Call, { engine }: PubNubDeps): Answer {
  const { app, settings } = call.app;
  const groups = presentNames(call.query.list('channel-group'));
  const channels = presentNames(call.names('channelsCsv'));
  const tooMany = refuseTooMany(channels, groups, settings);
  if (tooMany) return tooMany;
  const all = [...channels, ...groups.flatMap((group) => engine.group(app, group))];
  engine.depart({ app, principal: call.principal, channels: all });
  return presence({ action: 'leave' });
}
