import { CODES, type Code } from '@portcullis/policy';
import { denied, notSent } from './answers.ts';
import type { Answer } from './call.ts';

/** Paths that belong together, and how they say that something is wrong with a call. */
export interface Family {
  readonly prefix: string;
  /** Named in errors. */
  readonly service: string;
  /** `array`: `[0,"…","<timetoken>"]`. `flat`: `{ message, error: true, service, status }`. `source`: `{ status, error: { message, source } }`. */
  readonly errors: 'array' | 'flat' | 'source';
  /** What is said of paths that are known and lead nowhere here. */
  readonly notOffered?: string;
}

const NO_PUSH = 'Push notifications are not offered here.';
const NO_KEY_GRANTS = 'Grants to authentication keys (version 2) are not offered here: grant a token (version 3).';

/** Everything that this door answers for. Longer prefixes go first. */
const FAMILIES: readonly Family[] = [
  { prefix: '/time/', service: 'Time', errors: 'flat' },
  { prefix: '/publish/', service: 'Publish', errors: 'array' },
  { prefix: '/signal/', service: 'Publish', errors: 'array' },
  { prefix: '/v2/subscribe/', service: 'Subscribe', errors: 'flat' },
  {
    prefix: '/subscribe/',
    service: 'Subscribe',
    errors: 'flat',
    notOffered: 'Subscribe version 1 is not offered here.',
  },
  { prefix: '/v2/presence/', service: 'Presence', errors: 'flat' },
  { prefix: '/v2/history/', service: 'History', errors: 'flat' },
  { prefix: '/v3/history/', service: 'History', errors: 'flat' },
  { prefix: '/v3/history-with-actions/', service: 'History', errors: 'flat' },
  { prefix: '/history/', service: 'History', errors: 'flat', notOffered: 'History version 1 is not offered here.' },
  { prefix: '/v1/message-actions/', service: 'actions', errors: 'source' },
  { prefix: '/v1/channel-registration/', service: 'channel-registry', errors: 'flat' },
  { prefix: '/v2/objects/', service: 'objects', errors: 'source' },
  {
    prefix: '/v1/objects/',
    service: 'objects',
    errors: 'source',
    notOffered: 'Objects version 1 are not offered here.',
  },
  { prefix: '/v1/files/publish-file/', service: 'Publish', errors: 'array' },
  { prefix: '/v1/files/', service: 'files', errors: 'source' },
  { prefix: '/v1/push/', service: 'Push', errors: 'flat', notOffered: NO_PUSH },
  { prefix: '/v2/push/', service: 'Push', errors: 'flat', notOffered: NO_PUSH },
  { prefix: '/v1/blocks/', service: 'Functions', errors: 'flat', notOffered: 'Functions are not offered here.' },
  { prefix: '/v3/pam/', service: 'Access Manager', errors: 'flat' },
  { prefix: '/v2/auth/', service: 'Access Manager', errors: 'flat', notOffered: NO_KEY_GRANTS },
  { prefix: '/v1/auth/', service: 'Access Manager', errors: 'flat', notOffered: NO_KEY_GRANTS },
].toSorted((a, b) => b.prefix.length - a.prefix.length) as readonly Family[];

export function familyOf(path: string): Family | undefined {
  return FAMILIES.find(({ prefix }) => path.startsWith(prefix));
}

export interface Problem {
  readonly code: Code;
  /** Takes the place of the code's sentence. */
  readonly message?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is wrong with a call, in the shape that clients of these paths look for. `timetoken`: now. */
export function problem(family: Family, { code, headers = {}, ...given }: Problem, timetoken: bigint): Answer {
  const status = given.status ?? CODES[code].http;
  const message = given.message ?? CODES[code].sentence;
  const answer = shaped(family, { status, message, code }, timetoken);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function shaped(
  { errors, service }: Family,
  { status, message, code }: { readonly status: number; readonly message: string; readonly code: Code },
  timetoken: bigint,
): Answer {
  if (errors === 'array') return notSent(message, code, timetoken, status);
  if (errors === 'flat' && service === 'Access Manager') return denied(status, message, code);
  const body =
    errors === 'source'
      ? { status, error: { message, source: service }, code }
      : { message, error: true, service, status, code };
  return {
    status,
    type: errors === 'source' ? 'json' : 'javascript',
    body: JSON.stringify(body),
    headers: { 'X-Portcullis-Code': code },
  };
}
