import { isPromise, type MaybePromise, type StatelessApi } from '@portcullis/engine';
import { ANONYMOUS, type Denied, type Principal } from '@portcullis/policy';
import { refusal, refusalOf } from '../http/answers.ts';
import type { Answer, PubNubApp, Query } from '../http/call.ts';
import { userExistsHere } from '../names/exists-here.ts';
import type { Identified, Identity, NotIdentified } from './identified.ts';
import { INVALID_USER, refuseUser } from './user-named.ts';

/** Who asks, or the answer that they get instead. */
export type Who =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly answer: Answer };

export interface WhoDeps {
  readonly engine: Pick<StatelessApi, 'decide' | 'refuse' | 'now'>;
  readonly identity: Identity;
}

/** Fields that say who asks: of two of a kind nobody can tell which was meant. */
export const IDENTITY_FIELDS = ['uuid', 'auth', 'signature', 'timestamp'] as const;

/** By the token in `auth` and the id in `uuid`. */
export function whoAsks(app: PubNubApp, query: Query, deps: WhoDeps): MaybePromise<Who> {
  const { identity } = deps;
  const token = query.get('auth') ?? '';
  const user = query.get('uuid');
  if (user !== undefined && !userExistsHere(user, app)) return { ok: false, answer: INVALID_USER };
  const conclude = (identified: Identified): MaybePromise<Who> => {
    if (identified.ok) return identified;
    const otherwise = refuse(app, identified, deps);
    if (identified.code !== 'identity.malformed') return otherwise;
    // Token or user id: either of the two may be what is malformed.
    const unfit = refuseUser(user, app, identity);
    const say = (answer: Answer | undefined): Who => (answer ? { ok: false, answer } : otherwise);
    return isPromise(unfit) ? unfit.then(say) : say(unfit);
  };
  const proofs = { ...(token !== '' && { token }), ...(user !== undefined && { statedUser: user }) };
  const identified = identity.identify(app.app, { ...proofs, statesUser: true });
  return isPromise(identified) ? identified.then(conclude) : conclude(identified);
}

function refuse({ app }: PubNubApp, { code, retry }: NotIdentified, { engine }: WhoDeps): Who {
  const denied: Denied = { allowed: false, code, by: { gate: 'identity' } };
  const refused = engine.refuse(app, { operation: 'connect', principal: ANONYMOUS, now: engine.now() }, denied);
  const answer = refusal(refused.code);
  return { ok: false, answer: retry ? { ...answer, headers: { ...answer.headers, 'Retry-After': '1' } } : answer };
}

/** Is the caller let in at all? Asked on every request: bans, holds, revocations and a disabled app take effect here. */
export function mayConnect({ app }: PubNubApp, principal: Principal, { engine }: WhoDeps): Answer | undefined {
  const request = { operation: 'connect', principal, now: engine.now() } as const;
  const decision = engine.decide(app, request);
  return decision.allowed ? undefined : refusalOf(engine.refuse(app, request, decision));
}
