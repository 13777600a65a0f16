import { type AccessRequest, type JsonObject, type Principal, shownUser } from '@portcullis/policy';
import { presence, refusalOf } from '../http/answers.ts';
import type { Answer, Call, Endpoint, PubNubDeps } from '../http/call.ts';
import { objectText } from '../messaging/json-text.ts';
import { presentNames } from '../messaging/names.ts';
import { channelsOf, reach } from './reach.ts';
import { readState } from './said-presence.ts';

/** What a user says of itself on a channel. */
export const STATE: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/v2/presence/sub-key/{sub}/channel/{channelsCsv}/uuid/{uuid}',
    reads: true,
    handle: getState,
  },
  { method: 'GET', path: '/v2/presence/sub-key/{sub}/channel/{channelsCsv}/uuid/{uuid}/data', handle: setState },
];

function setState(call: Call, deps: PubNubDeps): Answer {
  const { app, settings } = call.app;
  const read = readState(call);
  if ('status' in read) return read;
  const names = presentNames(call.names('channelsCsv'));
  const foreign = refuseForeign(call, deps, names);
  if (foreign) return foreign;
  const groups = presentNames(call.query.list('channel-group'));
  const reached = reach(call, deps, 'state.set', { channels: names, groups });
  if ('status' in reached) return reached;
  const keep = { ms: settings.presenceTimeout, most: settings.keptStates };
  for (const channels of reached) {
    const set = deps.engine.setState({ app, principal: ownerIn(call), ...channels, state: read.state, keep });
    if (!set.ok) return refusalOf(deps.engine.refuse(app, set.request, set.denied), { channels: set.names });
  }
  return presence({ payload: read.state });
}

/** Servers set anybody's. */
function ownerIn({ principal, params }: Call): Principal {
  return principal.kind === 'server' ? { ...principal, as: params.uuid ?? '' } : principal;
}

/** The path names a user, and state belongs to one: whether it is the asker's own is decided like the rest. */
function refuseForeign(call: Call, { engine }: PubNubDeps, channels: readonly string[]): Answer | undefined {
  const { principal } = call;
  const user = call.params.uuid ?? '';
  if (shownUser(principal) === user) return undefined;
  const [name = ''] = channels;
  const request: AccessRequest = {
    operation: 'state.set',
    principal,
    now: engine.now(),
    name,
    subject: { user, proven: principal.kind === 'user' },
  };
  const decision = engine.decide(call.app.app, request);
  if (decision.allowed) return undefined;
  return refusalOf(engine.refuse(call.app.app, request, decision), { channels });
}

function getState(call: Call, deps: PubNubDeps): Answer {
  const user = call.params.uuid ?? '';
  const names = presentNames(call.names('channelsCsv'));
  const groups = presentNames(call.query.list('channel-group'));
  const reached = reach(call, deps, 'state.get', { channels: names, groups });
  if ('status' in reached) return reached;
  const channels = channelsOf(reached);
  const [only] = channels;
  if (only !== undefined && names.length === 1 && groups.length === 0) {
    return ok(user, `"payload":${JSON.stringify(stateOf(call, deps, only))},"channel":${JSON.stringify(only)}`);
  }
  const states = channels.map((channel) => [channel, JSON.stringify(stateOf(call, deps, channel))] as const);
  return ok(user, `"payload":{"channels":${objectText(states)}}`);
}

/** The proven user's; a stated id has its own only where no proven user of that name is or says anything. */
function stateOf({ app: { app }, params }: Call, { engine }: PubNubDeps, channel: string): JsonObject {
  const user = params.uuid ?? '';
  return (
    engine.stateOf(app, channel, { user, proven: true }) ?? engine.stateOf(app, channel, { user, proven: false }) ?? {}
  );
}

/** `{"status":200,"uuid":"u","service":"Presence","message":"OK",…}`. */
function ok(user: string, rest: string): Answer {
  const body = `{"status":200,"uuid":${JSON.stringify(user)},"service":"Presence","message":"OK",${rest}}`;
  return { ...presence(), body };
}
