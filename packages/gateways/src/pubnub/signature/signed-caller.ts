import type { StatelessApi } from '@portcullis/engine';
import type { Code } from '@portcullis/policy';
import { refusal } from '../http/answers.ts';
import type { PubNubApp } from '../http/call.ts';
import type { QueryParameters } from '../http/query.ts';
import type { Identity } from '../identity/identified.ts';
import { refuseUser } from '../identity/user-named.ts';
import type { Who } from '../identity/who-asks.ts';
import type { ReplayGuard } from './replay-guard.ts';
import { coversBody, verifySignature } from './verify-signature.ts';

export interface SignedDeps {
  readonly engine: Pick<StatelessApi, 'turnAway' | 'now'>;
  readonly identity: Identity;
  readonly replays: ReplayGuard;
}

export interface SignedCall {
  readonly method: string;
  /** Raw, without the query. */
  readonly path: string;
  readonly query: QueryParameters;
  readonly address: string;
  /** Read only where the signature covers it. */
  readonly body: () => Promise<string>;
}

/** Whoever signs with the app's secret is a server. A wrong signature is refused, also beside a good token. */
export async function signedCaller(app: PubNubApp, call: SignedCall, deps: SignedDeps): Promise<Who> {
  const { method, path, query, address } = call;
  const signature = query.get('signature') ?? '';
  const refuse = (code: Code, message?: string): Who => {
    return { ok: false, answer: refusal(deps.engine.turnAway(app.app, { code, address }).code, {}, message) };
  };
  // A secret that was rotated out verifies grants, never requests.
  const [current] = app.secrets;
  if (current === undefined) return refuse('identity.bad-signature', DOES_NOT_MATCH);
  const seconds = secondsIn(query.get('timestamp'));
  const { signatureWindow, rememberedSignatures } = app.settings;
  const isCurrent = () => seconds !== undefined && Math.abs(deps.engine.now() - seconds * 1_000) <= signatureWindow;
  if (!isCurrent()) return refuse('identity.bad-timestamp');
  const body = coversBody(call) ? await call.body() : '';
  if (seconds === undefined || !isCurrent()) return refuse('identity.bad-timestamp');

  const request = { method, path, parameters: query.parameters, body };
  if (!verifySignature(signature, request, { ...app, secret: current.secret })) {
    return refuse('identity.bad-signature', DOES_NOT_MATCH);
  }
  if (repeatsHarm(method, path)) {
    const until = seconds * 1_000 + signatureWindow + 1;
    const use = deps.replays.use(app.app, signature, { until, now: deps.engine.now(), most: rememberedSignatures });
    if (use === 'replayed') return refuse('identity.replayed');
    if (use === 'full') return refuse('limit.rememberedSignatures');
  }
  const as = query.get('uuid') ?? '';
  const unfit = as === '' ? undefined : await refuseUser(as, app, deps.identity);
  if (unfit !== undefined) return { ok: false, answer: unfit };
  return { ok: true, principal: { kind: 'server', name: current.id, ...(as !== '' && { as }), credentials: [] } };
}

const DOES_NOT_MATCH = 'Signature Does Not Match';

/** Grants, revocations and deletions. What else is repeated does what it did before. */
const repeatsHarm = (method: string, path: string): boolean => method === 'DELETE' || path.startsWith('/v3/pam/');

function secondsIn(timestamp: string | undefined): number | undefined {
  return timestamp !== undefined && /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : undefined;
}
