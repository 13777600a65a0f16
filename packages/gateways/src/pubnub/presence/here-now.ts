import type { HereNow } from '@portcullis/engine';
import { presence, refusalOf } from '../http/answers.ts';
import type { Answer, Call, Endpoint, PubNubDeps } from '../http/call.ts';
import { objectText } from '../messaging/json-text.ts';
import { existsHere } from '../names/exists-here.ts';
import { channelsOf, reach } from './reach.ts';

/** Who is on one channel, on several, or on all there are. */
export const HERE_NOW: readonly Endpoint[] = [
  // Both spellings are sent.
  ...['sub-key', 'sub_key'].flatMap((word): readonly Endpoint[] => [
    { method: 'GET', path: `/v2/presence/${word}/{sub}/channel/{channelsCsv}`, reads: true, handle: hereNow },
    { method: 'GET', path: `/v2/presence/${word}/{sub}`, reads: true, handle: globalHereNow },
  ]),
];

function hereNow(call: Call, deps: PubNubDeps): Answer {
  const { app } = call.app;
  const names = call.names('channelsCsv');
  const groups = [...new Set(call.query.list('channel-group'))];
  const reached = reach(call, deps, 'here-now', { channels: [...new Set(names)], groups });
  if ('status' in reached) return reached;
  const channels = channelsOf(reached);
  const [only] = channels;
  if (only !== undefined && names.length === 1 && groups.length === 0) {
    return ok(`"service":"Presence",${roomText(deps.engine.hereNow(app, only), call)}`);
  }
  return several(
    channels.map((channel) => deps.engine.hereNow(app, channel)),
    call,
  );
}

function globalHereNow(call: Call, { engine }: PubNubDeps): Answer {
  const { app } = call.app;
  const request = { operation: 'here-now.global', principal: call.principal, now: engine.now() } as const;
  const decision = engine.decide(app, request);
  if (!decision.allowed) return refusalOf(engine.refuse(app, request, decision));
  const live = engine.liveChannels(app).filter((channel) => existsHere(channel, call.app));
  const rooms = live.map((channel) => engine.hereNow(app, channel));
  return several(
    rooms.filter(({ occupancy }) => occupancy > 0),
    call,
  );
}

function several(rooms: readonly HereNow[], call: Call): Answer {
  const channels = objectText(rooms.map((room) => [room.channel, `{${roomText(room, call)}}`]));
  const total = rooms.reduce((sum, { occupancy }) => sum + occupancy, 0);
  const payload = `{"channels":${channels},"total_channels":${rooms.length},"total_occupancy":${total}}`;
  return ok(`"payload":${payload},"service":"Presence"`);
}

/** `"uuids":[…],"occupancy":n`: the users asked for, in the order they came, so that pages fit together. */
function roomText({ occupancy, occupants }: HereNow, { query, app: { settings } }: Call): string {
  if (query.get('disable_uuids') === '1') return `"occupancy":${occupancy}`;
  const limit = Math.min(count(query.get('limit')) ?? settings.hereNowPage, settings.hereNowPage);
  const offset = count(query.get('offset')) ?? 0;
  const withState = query.get('state') === '1';
  const uuids = occupants
    .slice(offset, offset + limit)
    .map(({ user, state }) => (withState ? { uuid: user, ...(state ? { state } : {}) } : user));
  return `"uuids":${JSON.stringify(uuids)},"occupancy":${occupancy}`;
}

/** A whole number, or nothing that could be one. */
function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Channel names are keys here, in the order asked for: put together as text. */
function ok(rest: string): Answer {
  return { ...presence(), body: `{"status":200,"message":"OK",${rest}}` };
}
