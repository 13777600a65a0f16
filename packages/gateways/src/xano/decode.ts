import { CODES, type Code, type SendTarget } from '@portcullis/policy';
import { isDeeperThan } from '../shared/json-depth.ts';
import { holdsInfinity, mayHoldInfinity } from '../shared/out-of-range.ts';

/** What a client can ask for on this door. Names are as the client spelled them; who may do what is decided elsewhere. */
export type Command =
  | { readonly type: 'join'; readonly channel: string; readonly presence: boolean; readonly history: boolean }
  | { readonly type: 'leave'; readonly channel: string }
  /** `data`: JSON text, made anew from the parsed payload: no key twice, no lone surrogate, no white space between. */
  | { readonly type: 'message'; readonly channel: string; readonly target: SendTarget; readonly data: string }
  | { readonly type: 'history'; readonly channel: string; readonly peer?: string };

/** A frame that cannot be a command, in words for its sender. `channel` is there when the frame named one. */
export interface Problem {
  readonly type: 'problem';
  readonly code: Code;
  readonly message: string;
  readonly channel?: string;
}

export interface DecodeLimits {
  /** Bytes of one payload's JSON text. */
  readonly message: number;
  /** Levels of nesting in a payload. */
  readonly messageDepth: number;
}

/** The frame's own object. */
const ENVELOPE_DEPTH = 1;
/** Whatever is configured: writing JSON is recursive, and thousands of levels would overflow the stack. */
const DEPTH_MAX = 1_000;

/** Reads one text frame of a client: `{"action":string,"options":{"channel":string,…},"payload":any}`. Never throws. */
export function decode(text: string, limits: DecodeLimits): Command | Problem {
  const depth = Math.min(limits.messageDepth, DEPTH_MAX);
  if (isDeeperThan(text, depth + ENVELOPE_DEPTH)) {
    return problem('limit.messageDepth', `The message is nested deeper than ${depth} levels.`);
  }
  const frame = parseObject(text);
  if (frame === undefined) return problem('request.malformed', 'A frame is one JSON object.');
  const { action, options, payload } = frame;
  if (typeof action !== 'string') return problem('request.malformed', 'The frame has no `action`.');
  if (!isObject(options)) return problem('request.malformed', 'The frame has no `options`.');
  const { channel } = options;
  if (typeof channel !== 'string') return problem('request.malformed', 'The frame has no `options.channel`.');
  switch (action) {
    case 'join':
      return decodeJoin(channel, payload);
    case 'leave':
      return { type: 'leave', channel };
    case 'message':
      return decodeMessage(channel, options, { payload, text, limits });
    case 'history':
      return decodeHistory(channel, options);
    default:
      return problem('request.unknown-action', 'Known actions are join, leave, message and history.', channel);
  }
}

/** A frame that is not text. */
export const BINARY_FRAME: Problem = problem('request.binary', CODES['request.binary'].sentence);
/** A frame that was not read: too large for a client that is in no channel. */
export const LARGE_BEFORE_JOIN: Problem = problem('limit.frameBeforeJoin', CODES['limit.frameBeforeJoin'].sentence);

function decodeJoin(channel: string, payload: unknown): Command | Problem {
  if (isAbsent(payload)) return { type: 'join', channel, presence: false, history: false };
  if (!isObject(payload)) return problem('request.malformed', 'The payload of a join is an object.', channel);
  return { type: 'join', channel, presence: payload.presence === true, history: payload.history === true };
}

function decodeMessage(
  channel: string,
  options: Fields,
  body: { payload: unknown; text: string; limits: DecodeLimits },
): Command | Problem {
  const { authenticated } = options;
  if (!isAbsent(authenticated) && typeof authenticated !== 'boolean') {
    return problem('request.malformed', '`options.authenticated` is true or false.', channel);
  }
  const peer = decodePeer(options);
  if (peer === 'wrong') return problem('request.malformed', '`options.socketId` is a string.', channel);
  if (mayHoldInfinity(body.text) && holdsInfinity(body.payload)) {
    return problem('request.malformed', 'A number in the payload is out of range.', channel);
  }
  const data = JSON.stringify(body.payload ?? null);
  if (Buffer.byteLength(data) > body.limits.message) {
    return problem('limit.message', `The message has more than ${body.limits.message} bytes.`, channel);
  }
  if (peer !== undefined) return { type: 'message', channel, target: { to: 'session', session: peer.session }, data };
  return { type: 'message', channel, target: { to: authenticated === true ? 'authenticated' : 'everyone' }, data };
}

function decodeHistory(channel: string, options: Fields): Command | Problem {
  const peer = decodePeer(options);
  if (peer === 'wrong') return problem('request.malformed', '`options.socketId` is a string.', channel);
  return peer === undefined ? { type: 'history', channel } : { type: 'history', channel, peer: peer.session };
}

/** The other end, if one is named. WeWeb's clients write `socketId: null` for none. */
function decodePeer({ socketId }: Fields): { session: string } | undefined | 'wrong' {
  if (isAbsent(socketId) || socketId === false || socketId === '') return undefined;
  return typeof socketId === 'string' ? { session: socketId } : 'wrong';
}

/** Own properties of parsed JSON: a key `__proto__` is one like any other there, and inherits nothing. */
type Fields = { readonly [key: string]: unknown };

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function problem(code: Code, message: string, channel?: string): Problem {
  return channel === undefined ? { type: 'problem', code, message } : { type: 'problem', code, message, channel };
}
