import type { Code } from '@portcullis/policy';
import type { Answer } from './call.ts';

/** `[1,"Sent","<timetoken>"]`: publish, fire, signal, publish-file. */
export function sent(timetoken: bigint): Answer {
  return { status: 200, type: 'javascript', body: `[1,"Sent","${timetoken}"]` };
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
  return {
    status,
    type: 'pam',
    body: JSON.stringify(body),
    headers: { 'X-Portcullis-Code': code, 'Cache-Control': 'no-cache, no-store, must-revalidate' },
  };
}
