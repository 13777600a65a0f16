import type { Position } from '@portcullis/engine';
import type { Code, JsonObject, SendTarget } from '@portcullis/policy';
import type { Command, History, Publish } from './command.ts';
import { EPOCH, Fields, isObject, KEY, RESUME, TIMETOKEN } from './fields.ts';
import type { NativeLimits } from './limits.ts';

/** More than this is no page: the store bounds it further. */
const PAGE_MAX = 1_000_000;

/** A field that is well-formed and too large. */
export interface TooLarge {
  readonly code: Code;
  readonly message: string;
}

interface Reading {
  readonly id: number;
  readonly limits: NativeLimits;
  /** Notes a limit that was gone over. */
  readonly over: (tooLarge: TooLarge) => void;
}

export type Reader<T extends Command = Command> = (fields: Fields, reading: Reading) => T;

/** What a client may say, by `type`. */
export const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['connect', readConnect],
  ['join', readJoin],
  ['leave', (fields, { id }) => ({ type: 'leave', id, channel: fields.text('channel') })],
  ['publish', readPublish],
  ['roster', (fields, { id }) => ({ type: 'roster', id, channel: fields.text('channel') })],
  ['history', readHistory],
  ['state', readState],
  ['token', (fields, reading) => ({ type: 'token', id: reading.id, token: readToken(fields, reading) })],
  ['ping', (_, { id }) => ({ type: 'ping', id })],
]);

function readConnect(fields: Fields, reading: Reading): Command {
  return {
    type: 'connect',
    id: reading.id,
    ...fields.optional('token', () => readToken(fields, reading)),
    ...fields.optional('user', () => fields.text('user')),
    ...fields.optional('resume', () => fields.text('resume', RESUME)),
  };
}

function readToken(fields: Fields, { limits, over }: Reading): string {
  const token = fields.text('token');
  if (token.length > limits.token) {
    over({ code: 'identity.malformed', message: `The token has more than ${limits.token} bytes.` });
  }
  return token;
}

function readJoin(fields: Fields, reading: Reading): Command {
  const channel = fields.text('channel');
  const presence = fields.flag('presence');
  const history = fields.has('history') ? fields.count('history', 0, PAGE_MAX) : 0;
  // Most say no more than this, and what is written out costs less than a copy.
  if (!fields.has('recover') && !fields.has('state'))
    return { type: 'join', id: reading.id, channel, presence, history };
  return {
    type: 'join',
    id: reading.id,
    channel,
    presence,
    history,
    ...fields.optional('recover', () => readPosition(fields)),
    ...fields.optional('state', () => readOwnState(fields, reading)),
  };
}

function readPosition(fields: Fields): Position {
  const inner = new Fields(fields.object('recover'), 'join.recover');
  const position = { epoch: inner.text('epoch', EPOCH), offset: inner.count('offset', 0, Number.MAX_SAFE_INTEGER) };
  fields.fault ??= inner.end();
  return position;
}

/** A publish, without `type` and `id`. */
export function readPublish(fields: Fields, { id, limits, over }: Reading): Publish {
  const channel = fields.text('channel');
  const data = JSON.stringify(fields.has('data') ? fields.take('data') : fields.wrong('data', '', null));
  if (Buffer.byteLength(data) > limits.message) {
    over({ code: 'limit.message', message: `The message has more than ${limits.message} bytes.` });
  }
  const target = readTarget(fields);
  if (!fields.has('key') && !fields.has('meta')) return { type: 'publish', id, channel, target, data };
  return {
    type: 'publish',
    id,
    channel,
    target,
    data,
    ...fields.optional('key', () => fields.text('key', KEY)),
    ...fields.optional('meta', () => {
      const meta = JSON.stringify(fields.object('meta'));
      if (Buffer.byteLength(meta) > limits.meta) {
        over({ code: 'limit.meta', message: `\`meta\` has more than ${limits.meta} bytes.` });
      }
      return meta;
    }),
  };
}

const EVERYONE: SendTarget = { to: 'everyone' };

function readTarget(fields: Fields): SendTarget {
  const to = fields.take('to');
  if (to === undefined || to === 'everyone') return EVERYONE;
  if (to === 'authenticated') return { to: 'authenticated' };
  const peer = readPeer(fields, 'to', 'publish.to');
  return 'session' in peer ? { to: 'session', ...peer } : { to: 'user', ...peer };
}

/** One connection or one user. */
function readPeer(fields: Fields, name: string, of: string): { session: string } | { user: string } {
  const value = fields.take(name);
  if (!isObject(value)) {
    return fields.wrong(name, 'has to name a `session` or a `user`', { session: '' });
  }
  const inner = new Fields(value, of);
  const peer = inner.has('user') ? { user: inner.text('user') } : { session: inner.text('session') };
  fields.fault ??= inner.end();
  return peer;
}

function readHistory(fields: Fields, { id }: Reading): History {
  return {
    type: 'history',
    id,
    channel: fields.text('channel'),
    ...fields.optional('limit', () => fields.count('limit', 1, PAGE_MAX)),
    ...fields.optional('before', () => readTimetoken(fields, 'before')),
    ...fields.optional('after', () => readTimetoken(fields, 'after')),
    ...fields.optional('with', () => readPeer(fields, 'with', 'history.with')),
  };
}

function readTimetoken(fields: Fields, name: string): bigint {
  const text = fields.text(name, TIMETOKEN);
  return text === '' ? 0n : BigInt(text);
}

function readState(fields: Fields, reading: Reading): Command {
  const channel = fields.text('channel');
  const back = fields.take('state') === null;
  return { type: 'state', id: reading.id, channel, state: back ? null : readOwnState(fields, reading) };
}

function readOwnState(fields: Fields, { limits, over }: Reading): JsonObject {
  const state = fields.object('state');
  if (Buffer.byteLength(JSON.stringify(state)) > limits.state) {
    over({ code: 'limit.state', message: `The state has more than ${limits.state} bytes.` });
  }
  return state;
}
