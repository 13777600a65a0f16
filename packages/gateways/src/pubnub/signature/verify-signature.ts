import type { Parameter } from '../http/query.ts';
import { canonicalQuery, isSignable, type TwiceEncoded } from './canonical-query.ts';
import { equalInConstantTime, signV1, signV2 } from './sign.ts';

export interface SignedRequest {
  readonly method: string;
  /** Raw, without the query. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Inflated; `''` where the signature covers none: see `coversBody`. */
  readonly body: string;
  /** The signature of the client's attempt before, where it is known: some sign it with the next one. */
  readonly earlier?: string;
}

export interface SigningKeys {
  readonly publishKey: string;
  readonly subscribeKey: string;
  readonly secret: string;
}

/** Whether the signature of such a request covers its body. That of a publish never does, whatever its method. */
export function coversBody({ method, path }: Pick<SignedRequest, 'method' | 'path'>): boolean {
  return (method === 'POST' || method === 'PATCH') && !isPublish(path);
}

/**
 * Whether the request was signed with the app's secret. Beside the plain form it takes those that clients really send, each
 * only for the calls and parameters it is known of.
 */
export function verifySignature(given: string, request: SignedRequest, keys: SigningKeys): boolean {
  if (!request.parameters.every(isSignable)) return false;
  return spellingsOf(request, keys).some((expected) => equalInConstantTime(expected, given));
}

function spellingsOf({ method, path, parameters, body, earlier }: SignedRequest, keys: SigningKeys): readonly string[] {
  const { publishKey, subscribeKey, secret } = keys;
  const twice = twiceEncodedOn(path);
  const plain = canonicalQuery(parameters);
  const deviating = twice === undefined ? plain : canonicalQuery(parameters, { twice });
  const queries = plain === deviating ? [plain] : [plain, deviating];
  const signed = isPublish(path) ? { method: 'GET', body: '' } : { method, body };
  const made = method === 'GET' && FILE.test(path) ? [MADE_LOCALLY] : [];
  const spellings = queries.flatMap((query) => [
    signV2(secret, { publishKey, path, query, ...signed }),
    ...made.map((word) => signV2(secret, { publishKey, path, query, method: word, body: '' })),
    ...(isPublish(path) && method === 'POST' ? [signV1(secret, { subscribeKey, publishKey, path, query })] : []),
  ]);
  if (earlier === undefined) return spellings;
  const query = canonicalQuery(parameters, { earlier });
  return [...spellings, signV2(secret, { publishKey, path, query, ...signed })];
}

const isPublish = (path: string): boolean => path.startsWith('/publish/');

const ON_SUBSCRIBE: TwiceEncoded = new Set(['channel-group', 'filter-expr', 'state']);
const ON_HEARTBEAT: TwiceEncoded = new Set(['state']);
const ON_PUBLISH: TwiceEncoded = new Set(['custom_message_type']);
/** What clients sign in place of a method when they make the address of a file without asking for it: it can be followed, and nothing else. */
const MADE_LOCALLY = 'LOCAL';
const FILE = /^\/v1\/files\/[^/]+\/channels\/[^/]+\/files\/[^/]+\/[^/]+$/;
const HEARTBEAT = /^\/v2\/presence\/sub-key\/[^/]+\/channel\/[^/]+\/heartbeat$/;

function twiceEncodedOn(path: string): TwiceEncoded | undefined {
  if (isPublish(path)) return ON_PUBLISH;
  if (path.startsWith('/v2/subscribe/')) return ON_SUBSCRIBE;
  return HEARTBEAT.test(path) ? ON_HEARTBEAT : undefined;
}
