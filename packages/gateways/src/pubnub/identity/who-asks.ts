import { isPromise, type MaybePromise, type StatelessApi } from '@portcullis/engine';
import type { Principal } from '@portcullis/policy';
import { comeBack, refusal, refusalOf } from '../http/answers.ts';
import type { Answer, PubNubApp, Query } from '../http/call.ts';
import { userExistsHere } from '../names/exists-here.ts';
import type { Identified, Identity, NotIdentified } from './identified.ts';
import { INVALID_USER, refuseUser } from './user-named.ts';

/** Who asks, or the answer that they get instead. */
export type Who =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly answer: Answer };

export interface WhoDeps {
  readonly engine: Pick<StatelessApi, 'decide' | 'refuse' | 'turnAway' | 'now'>;
  readonly identity: Identity;
}

/** Fields that say who asks: of two of a kind nobody can tell which was meant. */
export const IDENTITY_FIELDS = ['uuid', 'auth', 'signature', 'timestamp'] as const;

/** What a request says of who asks, and where it comes from. */
export interface Asking {
  readonly app: PubNubApp;
  readonly query: Query;
  readonly address: string;
}

/** By the token in `auth` and the id in `uuid`. */
export function whoAsks({ app, query, address }: Asking, deps: WhoDeps): MaybePromise<Who> {
  const { identity } = deps;
  const token = query.get('auth') ?? '';
  const user = query.get('uuid');
  if (user !== undefined && !userExistsHere(user, app)) return { ok: false, answer: INVALID_USER };
  const conclude = (identified: Identified): MaybePromise<Who> => {
    if (identified.ok) return identified;
    const otherwise = () => turnAway(app, identified, { ...deps, address });
    if (identified.code !== 'identity.malformed') return otherwise();
    // Token or user id: either of the two may be what is malformed.
    const unfit = refuseUser(user, app, identity);
    const say = (answer: Answer | undefined): Who => (answer ? { ok: false, answer } : otherwise());
    return isPromise(unfit) ? unfit.then(say) : say(unfit);
  };
  const proofs = { ...(token !== '' && { token }), ...(user !== undefined && { statedUser: user }) };
  const identified = identity.identify(app.app, { ...proofs, statesUser: true });
  return isPromise(identified) ? identified.then(conclude) : conclude(identified);
}

function turnAway(
  { app }: PubNubApp,
  { code, retry }: NotIdentified,
  { engine, address }: Pick<WhoDeps, 'engine'> & { readonly address: string },
): Who {
  // Who has to come back because keys cannot be had is not refused.
  if (retry) return { ok: false, answer: comeBack(refusal(code)) };
  return { ok: false, answer: refusal(engine.turnAway(app, { code, address }).code) };
}

/** Is the caller let in at all? Asked on every request: bans, holds, revocations and a disabled app take effect here. */
export function mayConnect({ app }: PubNubApp, principal: Principal, { engine }: WhoDeps): Answer | undefined {
  const request = { operation: 'connect', principal, now: engine.now() } as const;
  const decision = engine.decide(app, request);
  return decision.allowed ? undefined : refusalOf(engine.refuse(app, request, decision));
}
