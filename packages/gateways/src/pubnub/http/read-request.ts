import type { IncomingMessage } from 'node:http';
import type { StatelessApi } from '@portcullis/engine';
import type { Code } from '@portcullis/policy';
import { IDENTITY_FIELDS } from '../identity/who-asks.ts';
import { findApp, unknownKey } from '../keys/find-app.ts';
import type { EarlierSignatures } from '../signature/earlier-signatures.ts';
import type { Answer, Endpoint, PubNubApp } from './call.ts';
import { type Family, type Problem, problem } from './families.ts';
import { type QueryParameters, readQuery } from './query.ts';
import type { Route, Router } from './router.ts';
import { decodePart, parseTarget } from './target.ts';
import { PREFLIGHT } from './write-answer.ts';

/** A request that can be asked about: its path leads somewhere, its keys are an app's, and every part of it can be read. */
export interface Asked {
  readonly method: string;
  /** Raw, without the query. */
  readonly path: string;
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string>>;
  readonly query: QueryParameters;
  /** `undefined` where the path has no keys. */
  readonly app: PubNubApp | undefined;
  readonly address: string;
}

export type RequestRead =
  | { readonly ok: true; readonly asked: Asked }
  | { readonly ok: false; readonly answer: Answer };

export interface ReadDeps {
  readonly engine: Pick<StatelessApi, 'now'>;
  readonly earlier: EarlierSignatures;
  readonly router: Router;
  readonly appByKey: (subscribeKey: string) => PubNubApp | undefined;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly admit?: (app: string, address: string) => Code | undefined;
}

/** Bytes of a request line whose app is not known. */
const STRANGER_URL_MAX = 32_768;

/** Works out what a request asks for, before it is asked who asks. */
export function readRequest(request: IncomingMessage, family: Family, timetoken: bigint, deps: ReadDeps): RequestRead {
  const refuse = (given: Problem): RequestRead => ({ ok: false, answer: problem(family, given, timetoken) });
  const { method = '', url = '' } = request;
  if (method === 'OPTIONS') return { ok: false, answer: PREFLIGHT };
  const { notOffered } = family;
  if (notOffered !== undefined) return refuse({ code: 'operation.not-enabled', message: notOffered });
  const { path, segments, query: rawQuery } = parseTarget(url);
  const routing = deps.router.route(method === 'HEAD' ? 'GET' : method, segments);
  const line = method.length + url.length + REST_OF_LINE;
  if (routing.found === 'nothing') return refuse(line > STRANGER_URL_MAX ? TOO_LONG : NOT_FOUND);
  if (routing.found === 'path') return refuse(notAllowed(routing.methods));
  const { endpoint } = routing.route;
  // Most of what is read here also changes something, or waits.
  if (method === 'HEAD' && endpoint.callers !== 'open') return refuse(notAllowed([endpoint.method]));

  const params = readParams(routing.route);
  if (!params.ok) return refuse({ code: 'request.malformed', message: params.reason });
  const query = readQuery(rawQuery);
  if (query === undefined)
    return refuse({ code: 'request.malformed', message: 'The query is not percent-encoded UTF-8.' });
  const app = findApp(params.params, deps.appByKey);
  if (line > (app?.settings.maxUrl ?? STRANGER_URL_MAX)) return refuse(TOO_LONG);
  if (app === undefined && 'sub' in params.params) return { ok: false, answer: unknownKey(family, timetoken) };
  const [repeated] = query.repeated(IDENTITY_FIELDS);
  if (repeated !== undefined) {
    return refuse({ code: 'request.malformed', message: `The parameter ${repeated} comes more than once.` });
  }
  const address = deps.addressOf(request);
  const limit = app && deps.admit?.(app.app, address);
  if (app !== undefined && limit !== undefined) {
    deps.earlier.note(app.app, query, { now: deps.engine.now() });
    return refuse({ code: limit, message: 'Too Many Requests', headers: { 'Retry-After': '1' } });
  }
  return { ok: true, asked: { method, path, endpoint, params: params.params, query, app, address } };
}

const REST_OF_LINE = '  HTTP/1.1'.length;

const NOT_FOUND: Problem = { code: 'not-found', message: 'Resource not found' };
const TOO_LONG: Problem = { code: 'limit.maxUrl', message: 'Request URI Too Long' };

const notAllowed = (methods: readonly string[]): Problem => ({
  code: 'request.method-not-allowed',
  message: 'Method Not Allowed',
  headers: { Allow: [...methods, 'OPTIONS'].join(', ') },
});

type Params =
  | { readonly ok: true; readonly params: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly reason: string };

/** Decoded once; lists stay as they came, each item readable. */
function readParams({ params }: Route): Params {
  const read: Record<string, string> = {};
  for (const [name, raw] of params) {
    if (raw === '') return { ok: false, reason: `The path has nothing where ${name} belongs.` };
    const decoded = decodePart(raw);
    if (decoded === undefined || !raw.split(',').every((item) => decodePart(item) !== undefined)) {
      return { ok: false, reason: 'The path is not percent-encoded UTF-8.' };
    }
    read[name] = name.endsWith('Csv') ? raw : decoded;
  }
  return { ok: true, params: read };
}
