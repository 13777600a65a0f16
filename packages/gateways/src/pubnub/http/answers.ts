import type { Refused } from '@portcullis/engine';
import { CODES, type Code } from '@portcullis/policy';
import type { Answer } from './call.ts';

/** `[1,"Sent","<timetoken>"]`: publish, fire, signal, publish-file. */
export function sent(timetoken: bigint): Answer {
  return { status: 200, type: 'javascript', body: `[1,"Sent","${timetoken}"]` };
}

/** `[0,"Message Too Large","<timetoken>"]`: how publish, fire, signal and publish-file say that something is wrong with the call. */
export function notSent(message: string, code: Code, timetoken: bigint, status = 400): Answer {
  return {
    status,
    type: 'javascript',
    body: JSON.stringify([0, message, `${timetoken}`]),
    headers: { 'X-Portcullis-Code': code },
  };
}

/** A presence answer: `{"status":200,"message":"OK","service":"Presence",…}`. */
export function presence(more: object = {}): Answer {
  return {
    status: 200,
    type: 'javascript',
    body: JSON.stringify({ status: 200, message: 'OK', service: 'Presence', ...more }),
  };
}

/** `{"status":200,"data":…}`: objects, message actions, files. */
export function data(content: unknown, more: object = {}, type: 'json' | 'javascript' = 'json'): Answer {
  return { status: 200, type, body: JSON.stringify({ status: 200, data: content, ...more }) };
}

/** The names a refusal lists, as the vendor's payload has them. */
export interface FailingNames {
  readonly channels?: readonly string[];
  /** Without the colon: it is added here. */
  readonly groups?: readonly string[];
  readonly uuids?: readonly string[];
}

/** An Access Manager refusal, with our code beside the vendor's fields and in a header. */
export function denied(status: number, message: string, code: Code, names: FailingNames = {}): Answer {
  const payload = {
    ...(names.channels?.length ? { channels: names.channels } : {}),
    ...(names.groups?.length ? { 'channel-groups': names.groups.map((group) => `:${group}`) } : {}),
    ...(names.uuids?.length ? { uuids: names.uuids } : {}),
  };
  const body = {
    message,
    ...(Object.keys(payload).length > 0 ? { payload } : {}),
    error: true,
    service: 'Access Manager',
    status,
    code,
  };
  const cause = code === 'identity.revoked' ? '4001' : message === FORBIDDEN ? '9999' : undefined;
  return {
    status,
    type: 'pam',
    body: JSON.stringify(body),
    headers: {
      'X-Portcullis-Code': code,
      'Cache-Control': 'no-cache, no-store, must-revalidate',
      ...(cause !== undefined && { 'X-Pn-Cause': cause }),
    },
  };
}

/** Has the client ask again in a moment. */
export function comeBack(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, 'Retry-After': '1' } };
}

const FORBIDDEN = 'Forbidden';

/** What the vendor says where it has words; its clients look at some of them. */
const WORDS: ReadonlyMap<Code, string> = new Map<Code, string>([
  ['app.unknown-key', 'Invalid Subscribe Key'],
  ['identity.expired', 'Token is expired.'],
  ['identity.revoked', 'Token is revoked'],
  ['identity.malformed', 'Token is malformed'],
  ['identity.bad-signature', 'Token is not signed for this subscribe key'],
  ['identity.user-mismatch', 'Token is for another user'],
  ['identity.bad-timestamp', 'Invalid Timestamp'],
  ['limit.maxUrl', 'Request URI Too Long'],
  ['limit.message', 'Message Too Large'],
  ['limit.signal', 'Signal size too large'],
]);

/** A malformed token is a matter of access on this wire, not of the request's form. */
const STATUS: ReadonlyMap<Code, number> = new Map<Code, number>([
  ['identity.malformed', 403],
  ['limit.message', 400],
]);

/**
 * The answer to whatever was refused, by its code alone: a denial reads `Forbidden` and lists the failing names, the
 * rest says what is wrong with the proof or the call. `message` takes the place of the code's own sentence.
 */
export function refusal(code: Code, names: FailingNames = {}, message?: string): Answer {
  const status = STATUS.get(code) ?? CODES[code].http;
  return denied(
    status,
    message ?? WORDS.get(code) ?? (speaksOfRights(code) ? FORBIDDEN : CODES[code].sentence),
    code,
    names,
  );
}

/** The answer to what the engine refused. What the author of a trigger tells clients takes the place of words for its code. */
export function refusalOf({ code, message }: Pick<Refused, 'code' | 'message'>, names: FailingNames = {}): Answer {
  return refusal(code, names, code.startsWith('trigger.') ? message : undefined);
}

function speaksOfRights(code: Code): boolean {
  return CODES[code].http === 403 && /^(?:grant|channel|operation)\./.test(code);
}
