import { CODES, type Code } from '@portcullis/policy';
import { isDeeperThan } from '../shared/json-depth.ts';
import { holdsInfinity, mayHoldInfinity } from '../shared/out-of-range.ts';
import type { Command, Problem, Publish } from './command.ts';
import { Fields, isObject } from './fields.ts';
import type { NativeLimits } from './limits.ts';
import { READERS, type Reader, readPublish, type TooLarge } from './read-command.ts';

/** The message's own object; in a batch, the array as well. */
const ENVELOPE_DEPTH = 1;
/** Whatever is configured: writing JSON is recursive, and thousands of levels would overflow the stack. */
const DEPTH_MAX = 1_000;
const CHANNEL_SHOWN = 255;
const KNOWN = [...READERS.keys()].join(', ');

/** A frame that is not text. */
export const BINARY_FRAME: Problem = problem('request.binary', CODES['request.binary'].sentence);
/** Something else came first. */
export const NOT_CONNECTED: Problem = problem('request.malformed', 'The first message has to be `connect`.');
/** A frame that was not read: too large for a client that is in no channel. */
export const LARGE_BEFORE_JOIN: Problem = problem('limit.frameBeforeJoin', CODES['limit.frameBeforeJoin'].sentence);

/** Reads one text frame of a client: a message, or an array of them. Never throws; one bad message spoils no other. */
export function decode(text: string, limits: NativeLimits): readonly (Command | Problem)[] {
  const frame = parse(text, limits);
  if (!frame.ok) return [frame.problem];
  const { value } = frame;
  if (!Array.isArray(value)) return [readMessage(value, limits)];
  if (value.length === 0) return [problem('request.malformed', 'An empty array says nothing.')];
  const most = limits.commandsPerFrame;
  if (value.length > most) {
    const message = `A frame has at most ${most} messages; none of these ${value.length} was carried out.`;
    return [problem('limit.commandsPerFrame', message)];
  }
  return value.map((message) => readMessage(message, limits));
}

/** Reads a publish that comes alone, in the body of a request: the fields of the message without `type` and `id`. */
export function decodePublish(text: string, limits: NativeLimits): Publish | Problem {
  const body = parse(text, limits);
  if (!body.ok) return body.problem;
  if (!isObject(body.value)) return problem('request.malformed', 'The body is one JSON object.');
  return readWith(readPublish, new Fields(body.value, 'publish'), 0, limits);
}

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: Problem };

/** Parses JSON whose nesting is bounded first: what reads it later is recursive. */
function parse(text: string, limits: NativeLimits): Parsed {
  const batched = beginsAnArray(text);
  const depth = Math.min(limits.messageDepth, DEPTH_MAX);
  if (isDeeperThan(text, depth + ENVELOPE_DEPTH + (batched ? 1 : 0))) {
    return { ok: false, problem: problem('limit.messageDepth', `The message is nested deeper than ${depth} levels.`) };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, problem: problem('request.malformed', 'This is no JSON.') };
  }
  if (mayHoldInfinity(text) && holdsInfinity(value)) {
    return { ok: false, problem: problem('request.malformed', 'A number is out of range.') };
  }
  return { ok: true, value };
}

const BRACE = 0x7b;

/** Nearly every text is one object, which its first character tells. */
function beginsAnArray(text: string): boolean {
  return text.charCodeAt(0) !== BRACE && /^\s*\[/.test(text);
}

function readMessage(raw: unknown, limits: NativeLimits): Command | Problem {
  if (!isObject(raw)) return problem('request.malformed', 'A message is one JSON object.');
  const { type, id } = raw;
  const about = (unfit: Problem): Problem => ({ ...unfit, ...aboutOf(raw) });
  if (typeof type !== 'string') return about(problem('request.malformed', 'The message has no `type`.'));
  const read = READERS.get(type);
  if (read === undefined) return about(problem('request.unknown-action', `The types are ${KNOWN}.`));
  if (!isId(id)) {
    return about(problem('request.malformed', `\`${type}.id\` has to be a whole number from 1 to 2^53 - 1.`));
  }
  const fields = new Fields(raw, type);
  fields.take('type');
  fields.take('id');
  const command = readWith(read, fields, id, limits);
  return command.type === 'problem' ? about(command) : command;
}

function readWith<T extends Command>(read: Reader<T>, fields: Fields, id: number, limits: NativeLimits): T | Problem {
  let over: TooLarge | undefined;
  const command = read(fields, {
    id,
    limits,
    over: (tooLarge) => {
      over ??= tooLarge;
    },
  });
  const fault = fields.end();
  if (fault !== undefined) return problem('request.malformed', fault);
  return over === undefined ? command : problem(over.code, over.message);
}

/** What its answer can be told apart by. */
function aboutOf({ id, channel }: { readonly id?: unknown; readonly channel?: unknown }) {
  return {
    ...(isId(id) && { id }),
    ...(typeof channel === 'string' && channel.length <= CHANNEL_SHOWN && { channel }),
  };
}

function isId(id: unknown): id is number {
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0;
}

function problem(code: Code, message: string): Problem {
  return { type: 'problem', code, message };
}
