import type { StatelessApi } from '@portcullis/engine';
import type { Code } from '@portcullis/policy';
import { comeBack, denied, refusal } from '../http/answers.ts';
import type { PubNubApp } from '../http/call.ts';
import type { QueryParameters } from '../http/query.ts';
import type { Identity } from '../identity/identified.ts';
import { refuseUser } from '../identity/user-named.ts';
import type { Who } from '../identity/who-asks.ts';
import type { EarlierSignatures } from './earlier-signatures.ts';
import type { ReplayGuard, UseOutcome } from './replay-guard.ts';
import { coversBody, verifySignature } from './verify-signature.ts';

export interface SignedDeps {
  readonly engine: Pick<StatelessApi, 'turnAway' | 'now'>;
  readonly identity: Identity;
  readonly replays: ReplayGuard;
  readonly earlier: EarlierSignatures;
}

export interface SignedCall {
  readonly method: string;
  /** Raw, without the query. */
  readonly path: string;
  readonly query: QueryParameters;
  readonly address: string;
  /** See `Endpoint`. */
  readonly reads: boolean;
  /** Read only where the signature covers it. */
  readonly body: () => Promise<string>;
}

/** Whoever signs with the app's secret is a server. A wrong signature is refused, also beside a good token. */
export async function signedCaller(app: PubNubApp, call: SignedCall, deps: SignedDeps): Promise<Who> {
  const { method, path, query, address, reads } = call;
  const { engine } = deps;
  const signature = query.get('signature') ?? '';
  const refuse = (code: Code, message?: string): Who => {
    const answer = refusal(engine.turnAway(app.app, { code, address }).code, {}, message);
    return { ok: false, answer: code === 'identity.signed-too-early' ? comeBack(answer) : answer };
  };
  // A secret that was rotated out verifies grants, never requests.
  const [current] = app.secrets;
  if (current === undefined) return refuse('identity.bad-signature', DOES_NOT_MATCH);
  const seconds = secondsIn(query.get('timestamp'));
  const { signatureWindow, rememberedSignatures } = app.settings;
  const isCurrent = () => seconds !== undefined && Math.abs(engine.now() - seconds * 1_000) <= signatureWindow;
  if (!isCurrent()) return refuse('identity.bad-timestamp');
  const body = coversBody(call) ? await call.body() : '';
  if (seconds === undefined || !isCurrent()) return refuse('identity.bad-timestamp');

  const before = deps.earlier.of(app.app, query);
  const earlier = before && { earlier: before.signature };
  const request = { method, path, parameters: query.parameters, body, ...earlier };
  const verified = verifySignature(signature, request, { ...app, secret: current.secret });
  deps.earlier.note(app.app, query, { now: engine.now(), doubted: !verified });
  if (!verified) {
    const refused = refuse('identity.bad-signature', DOES_NOT_MATCH);
    return before?.doubted !== true && signsEarlier(call) ? ASK_AGAIN : refused;
  }
  if (!reads) {
    const limits = { window: signatureWindow, most: rememberedSignatures };
    const use = { signature, seconds, once: query.has('requestid'), now: engine.now(), ...limits };
    const refused = REFUSED_USE[deps.replays.use(app.app, use)];
    if (refused !== undefined) return refuse(refused);
  }
  const as = query.get('uuid') ?? '';
  const unfit = as === '' ? undefined : await refuseUser(as, app, deps.identity);
  if (unfit !== undefined) return { ok: false, answer: unfit };
  return { ok: true, principal: { kind: 'server', name: current.id, ...(as !== '' && { as }), credentials: [] } };
}

const DOES_NOT_MATCH = 'Signature Does Not Match';

const REFUSED_USE: { readonly [outcome in UseOutcome]: Code | undefined } = {
  taken: undefined,
  replayed: 'identity.replayed',
  'too-early': 'identity.signed-too-early',
  full: 'limit.rememberedSignatures',
};

/**
 * Whether the client is one that signs a further attempt together with the signature of the one before, and goes on subscribing by
 * itself. If that one never got here, nothing can be verified but the next attempt. Of other calls an app is told what there is.
 */
const signsEarlier = ({ path, query }: SignedCall): boolean =>
  path.startsWith('/v2/subscribe/') && query.has('requestid') && (query.get('pnsdk') ?? '').startsWith('PubNub-JS');

/** Such a client tries again after this, and not after a 403. What comes then is signed with what just came, or refused. */
const ASK_AGAIN: Who = { ok: false, answer: comeBack(denied(503, DOES_NOT_MATCH, 'identity.bad-signature')) };

function secondsIn(timestamp: string | undefined): number | undefined {
  return timestamp !== undefined && /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : undefined;
}
