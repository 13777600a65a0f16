import type { Code } from '@portcullis/policy';
import type { Query } from '../http/call.ts';
import { parseJson } from './json-text.ts';

export interface PublishOptions {
  readonly meta?: string;
  readonly customType?: string;
  readonly store: boolean;
  readonly ttl?: number;
  /** Neither kept nor passed on: for triggers and actions alone. */
  readonly fire: boolean;
}

export interface BadPublish {
  readonly ok: false;
  readonly message: string;
  readonly code: Code;
}

/** 3–50 letters, digits, `-` and `_`, the first a letter or digit; `pn_` and `pn-` are the vendor's own. */
const CUSTOM_TYPE = /^(?!pn[_-])[A-Za-z0-9][A-Za-z0-9_-]{2,49}$/;
const HOURS = /^\d{1,9}(?:\.\d{1,9})?$/;

/** What is said beside the payload: `meta`, `store`, `ttl`, `norep`, `custom_message_type`. Whatever else is there is passed over. */
export function readPublishOptions(query: Query, depth: number): ({ readonly ok: true } & PublishOptions) | BadPublish {
  const meta = query.get('meta');
  if (meta !== undefined && meta !== '') {
    const parsed = parseJson(meta, depth);
    if (!parsed.ok) return badJson('meta', parsed.problem);
  }
  const customType = query.get('custom_message_type');
  if (customType !== undefined && !CUSTOM_TYPE.test(customType)) {
    return { ok: false, message: 'Invalid custom_message_type', code: 'request.malformed' };
  }
  const ttl = query.get('ttl') ?? '';
  if (ttl !== '' && !HOURS.test(ttl)) return { ok: false, message: 'Invalid ttl', code: 'request.malformed' };
  const store = query.get('store') !== '0';
  const norep = query.get('norep');
  return {
    ok: true,
    ...(meta ? { meta } : {}),
    ...(customType === undefined ? {} : { customType }),
    store,
    ...(ttl !== '' && store ? { ttl: Number(ttl) } : {}),
    fire: !store && (norep === 'true' || norep === '1'),
  };
}

/** Payload and meta alike. */
export function badJson(what: 'message' | 'meta', problem: 'malformed' | 'too-deep'): BadPublish {
  if (problem === 'too-deep') return { ok: false, message: 'Message Nested Too Deeply', code: 'limit.messageDepth' };
  return {
    ok: false,
    message: what === 'message' ? 'Invalid JSON' : 'Invalid JSON in meta',
    code: 'request.malformed',
  };
}
