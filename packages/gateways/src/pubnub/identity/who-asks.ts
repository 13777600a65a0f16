import { isPromise, type MaybePromise, type StatelessApi } from '@portcullis/engine';
import { ANONYMOUS, type Denied, type Principal } from '@portcullis/policy';
import { refusal } from '../http/answers.ts';
import type { Answer, PubNubApp, Query } from '../http/call.ts';
import type { Identified, Identity, NotIdentified } from './identified.ts';

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
  const token = query.get('auth') ?? '';
  const statedUser = query.get('uuid');
  const stated = statedUser === undefined ? {} : { statedUser };
  const conclude = (identified: Identified): MaybePromise<Who> => {
    if (identified.ok) return identified;
    if (token === '' || identified.code !== 'identity.malformed') return refuse(app, identified, deps);
    // Either of the two may be what is malformed.
    const alone = deps.identity.identify(app.app, { ...stated, statesUser: true });
    const say = (user: Identified): Who => (user.ok ? refuse(app, identified, deps) : badUser());
    return isPromise(alone) ? alone.then(say) : say(alone);
  };
  const identified = deps.identity.identify(app.app, { ...(token !== '' && { token }), ...stated, statesUser: true });
  if (isPromise(identified)) return identified.then(conclude);
  if (!identified.ok && token === '' && identified.code === 'identity.malformed') return badUser();
  return conclude(identified);
}

const badUser = (): Who => ({
  ok: false,
  answer: refusal('request.malformed', {}, 'Invalid UUID'),
});

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
  return decision.allowed ? undefined : refusal(engine.refuse(app, request, decision).code);
}
