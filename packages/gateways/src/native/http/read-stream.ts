import type { Position } from '@portcullis/engine';
import type { Principal } from '@portcullis/policy';
import { type Call, proofsOf, provenOrRefused, turnAway } from './call.ts';
import { Refusal } from './problem.ts';
import { readPositions } from './stream-positions.ts';

const HISTORY_MAX = 1_000_000;

/** What a stream was asked for. */
export interface StreamRequest {
  readonly channels: readonly string[];
  readonly presence: boolean;
  readonly history: number;
  /** Where a client that comes back has come to. */
  readonly recover: ReadonlyMap<string, Position>;
  readonly principal: Principal;
}

export async function readStream(call: Call): Promise<StreamRequest> {
  const { query, native, request } = call;
  const channels = query.all('channel');
  const [presence, history] = [query.flag('presence'), query.count('history', HISTORY_MAX)];
  const [user, ticket, given] = [query.one('user'), query.one('ticket'), query.one('lastEventId')];
  query.end();
  const most = native.limits.channelsPerStream;
  if (channels.length === 0) throw new Refusal('request.malformed', 'Name at least one `channel`.');
  if (channels.length > most) throw new Refusal('limit.channelsPerStream', `A stream has at most ${most} channels.`);
  if (new Set(channels).size < channels.length) throw new Refusal('request.malformed', 'A channel is named twice.');
  // A browser that comes back by itself knows best.
  const last = request.headers['last-event-id']?.toString() ?? given ?? '';
  const recover = last === '' ? new Map<string, Position>() : readPositions(last, channels);
  if (recover === undefined) throw new Refusal('request.malformed', 'The last event’s id is none of this stream.');
  const principal = ticket === undefined ? await byToken(call, user) : byTicket(call, ticket, user);
  return { channels, presence, history, recover, principal };
}

async function byToken(call: Call, user: string | undefined): Promise<Principal> {
  return provenOrRefused(call, await call.deps.identify(call.app, proofsOf(call, user)));
}

function byTicket(call: Call, ticket: string, user: string | undefined): Principal {
  if (call.request.headers.authorization !== undefined || user !== undefined) {
    throw new Refusal('request.malformed', 'A ticket stands alone: without a token and without `user`.');
  }
  const principal = call.tickets.take(call.app, ticket);
  if (principal === undefined)
    throw turnAway(call, 'identity.expired', 'The ticket is used up or too old: get another.');
  return principal;
}
